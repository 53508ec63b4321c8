"""ReLU6 layers made ReLU where that is measured to be harmless, so that channels can be scaled.

`equalization` scales a ReLU6's channels only where the clip at 6 is not hit, and there it is exact.
Without the clip all channels may be scaled, but the model computes something else where it was hit
(Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", arXiv
1906.04721, section 5.1.1, drop all clips). Here each clip is dropped by itself and stays dropped
only while the float model's output on calibration images hardly changes.

Made only when asked for: without it a channel that hits 6 keeps its scale, and all others are
widened up to 6, so that hardly anything is left to gain (docs/quantization.md has figures).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from edgekit.frontends.float_model import Floats
from edgekit.ir import short_name
from edgekit.quantize.channel_ties import RELU, RELU6, ties
from edgekit.quantize.repairs.repair import Case, Repair, Repaired, unchanged
from edgekit.quantize.running import scorer
from edgekit.tflite.editing import Editor

_IMAGES = 16
_HARMLESS = 1e-4
"""Of the output's power, what all dropped clips together may change: -40 dB, a tenth and less of
what int8 changes."""
_SHOWN = 3


def _apply(case: Case) -> Repaired:
    images = list(islice(iter(case.images), _IMAGES))
    exact = scorer(case.reference, case.name)(images)
    allowed = _HARMLESS * float(np.square(exact - exact.mean(axis=1, keepdims=True)).sum())
    model = Editor(case.float_model, case.name)
    clips = _clips(model)
    dropped = []
    for number, op in enumerate(clips):
        case.progress("relaxing ReLU6 layers", number, len(clips))
        _set_activation(model, op, RELU)
        if _change(model, images, exact) <= allowed:
            dropped.append(model.tensor_name(model.op(op).outputs[0]))
        else:
            _set_activation(model, op, RELU6)
    case.progress("relaxing ReLU6 layers", len(clips), len(clips))
    if not dropped:
        return unchanged(case)
    made = model.bytes()
    return Repaired(made, case.quantize(made), (_did(dropped, len(clips)),))


def _clips(model: Editor) -> list[int]:
    """The ops with a fused ReLU6 between layers whose channels could be scaled without it."""
    scalable = {tensor for tie in ties(model) for tensor in tie.tensors}
    return [
        op.index
        for op in model.ops()
        if getattr(op.options, "fusedActivationFunction", None) == RELU6
        and op.outputs[0] in scalable
    ]


def _set_activation(model: Editor, op: int, activation: int) -> None:
    model.op(op).options.fusedActivationFunction = activation


def _change(model: Editor, images: Sequence[Floats], exact: Floats) -> float:
    found = scorer(model.bytes(), "the model")(images)
    return float(np.square(found - exact).sum())


def _did(dropped: Sequence[str], count: int) -> str:
    told = ", ".join(short_name(name) for name in dropped[:_SHOWN])
    more = f" and {len(dropped) - _SHOWN} more" if len(dropped) > _SHOWN else ""
    return f"relaxation: {len(dropped)} of {count} ReLU6 became ReLU ({told}{more})"


REPAIR = Repair(
    "relaxation",
    "drop a ReLU6's clip where that is harmless, so that channels can be scaled",
    order=5,
    apply=_apply,
    on_request=True,
)
