"""Weights rounded anew, layer by layer, for the inputs that the int8 model really sees.

Rounding each weight to the nearest step is not what keeps a layer's output nearest to float's: the
errors of weights whose inputs go together can cancel. Per layer, from a few thousand sampled
places of the calibration images:

1. The weights are drawn to those that reproduce the float layer's output from the int8 model's
   inputs, so that a layer makes good for the layers before it (ridge regression).
2. They are rounded one tap at a time with feedback (`edgekit.quantize.error_feedback`).
3. Each channel's scale and bias are set by regression of its float output on its int8 output,
   which corrects mean and size.

Rounding up or down by what it does to the layer's output, on calibration images alone, is Nagel et
al., "Up or Down? Adaptive Rounding for Post-Training Quantization", arXiv 2004.10568; the closed
form in place of gradient descent is Frantar et al., arXiv 2210.17323. The model keeps its size and
speed: only weights, their scales and biases change.
"""

from __future__ import annotations

import numpy as np

from edgekit.quantize.error_feedback import round_with_feedback
from edgekit.quantize.layer_weights import MOST, Doubles, per_channel, scales, write_weights
from edgekit.quantize.layerwise import Pair, walk
from edgekit.quantize.moments import Moments, mean_output, moments_of
from edgekit.quantize.repairs.repair import Case, Repair, Repaired, unchanged
from edgekit.tflite.editing import Editor

_PLACES = 2048
_TARGET_RIDGE = 1.0
_ROUNDING_RIDGE = 0.01
_GAINS = (0.5, 2.0)
"""A channel whose size would change by more is hardly used, or its statistics are bad."""
_LEAST = 1e-12
_NEGLIGIBLE = 1e-9


def _apply(case: Case) -> Repaired:
    int8 = Editor(case.int8, case.name)
    layers = sum(1 for _ in map(correct, walk(case, int8, places=_PLACES, stage="rounding")))
    if not layers:
        return unchanged(case)
    return Repaired(case.float_model, int8.bytes(), (f"rounding: weights of {layers} layers",))


def correct(pair: Pair) -> None:
    """Rounds one layer's weights anew and sets its scales and bias."""
    moments = moments_of(pair)
    wanted = _target(pair.float_weights(), moments)
    steps = _steps(pair, wanted)
    whole = round_with_feedback(wanted, moments.damped(_ROUNDING_RIDGE)[0], steps)
    gains = _gains(pair, moments, whole * steps[:, :, None])
    rounded = whole * (steps * gains)[:, :, None]
    bias = pair.float_bias() + (
        mean_output(pair.float_weights(), moments.float_mean)
        - mean_output(rounded, moments.int8_mean)
    )
    write_weights(
        pair.int8,
        pair.layer,
        bias.ravel(),
        scales=(steps * gains).ravel(),
        integers=pair.stored(whole),
    )


def _target(weights: Doubles, moments: Moments) -> Doubles:
    """The weights that give from int8 inputs what these give from float ones, about the means."""
    within, across = moments.damped(_TARGET_RIDGE)
    columns = np.linalg.solve(within, (weights @ across).transpose(0, 2, 1))
    return np.asarray(columns.transpose(0, 2, 1), np.float64)


def _steps(pair: Pair, weights: Doubles) -> Doubles:
    """The scales [groups, outputs] with which the largest weight of each channel is 127.

    Channels without weights keep theirs, as do layers with one scale for all channels.
    """
    found = scales(pair.int8, pair.layer).reshape(pair.groups, -1)
    if not per_channel(pair.int8, pair.layer):
        return found
    largest = np.abs(weights).max(axis=2)
    return np.where(largest > _NEGLIGIBLE * largest.max(), largest / MOST, found)


def _gains(pair: Pair, moments: Moments, rounded: Doubles) -> Doubles:
    """By what factor each channel's output [groups, outputs] comes nearest to float's."""
    both = np.einsum("got,got->go", pair.float_weights() @ moments.across, rounded)
    own = np.einsum("got,got->go", rounded @ moments.within, rounded)
    gains = both / (own + _LEAST)
    usable = (own > _LEAST) & (gains > _GAINS[0]) & (gains < _GAINS[1])
    if not per_channel(pair.int8, pair.layer):
        usable[:] = False
    return np.where(usable, gains, 1.0)


REPAIR = Repair(
    "rounding",
    "round weights for the inputs they meet",
    order=40,
    apply=_apply,
    covers=("bias",),
)
