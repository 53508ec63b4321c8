"""Bias correction: each layer's output gets back the mean that it has in float.

Rounded weights and activations shift the mean of a layer's output, channel by channel. The shift,
measured on the calibration images before the activation function, is taken off the bias. Layers go
in order, each seeing what the corrected ones before it give (Nagel et al., "Data-Free Quantization
Through Weight Equalization and Bias Correction", arXiv 1906.04721, section 4.2 and appendix D).

It changes nothing but int32 biases, so speed and size stay.
"""

from __future__ import annotations

import numpy as np

from edgekit.quantize.layer_weights import Doubles, write_bias
from edgekit.quantize.layerwise import Pair, walk
from edgekit.quantize.moments import mean_output
from edgekit.quantize.repairs.repair import Case, Repair, Repaired, unchanged
from edgekit.tflite.editing import Editor


def _apply(case: Case) -> Repaired:
    int8 = Editor(case.int8, case.name)
    layers = sum(1 for _ in map(correct, walk(case, int8, stage="mean outputs")))
    if not layers:
        return unchanged(case)
    return Repaired(case.float_model, int8.bytes(), (f"bias: mean outputs of {layers} layers",))


def correct(pair: Pair) -> None:
    """Gives one int8 layer the bias with which its mean output is that of the float layer."""
    write_bias(pair.int8, pair.layer, (pair.int8_bias() + shift(pair)).ravel())


def shift(pair: Pair) -> Doubles:
    """How much the float layer's mean output lies above the int8 layer's [groups, outputs]."""
    wanted = mean_output(pair.float_weights(), pair.float_means) + pair.float_bias()
    means = pair.int8_rows.mean(axis=1, dtype=np.float64)
    return wanted - mean_output(pair.int8_weights(), means) - pair.int8_bias()


REPAIR = Repair("bias", "give each layer's output its mean back", order=50, apply=_apply)
