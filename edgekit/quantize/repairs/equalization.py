"""Channels of activations scaled so that all use int8's levels, and weights so that all inputs do.

A tensor has one scale, so a channel that is 17 times narrower than the widest has 15 levels instead
of 255. Dividing a channel by a number in the layers before it, and multiplying in those behind,
changes nothing else (cross-layer equalization: Nagel et al., "Data-Free Quantization Through Weight
Equalization and Bias Correction", arXiv 1906.04721, section 4.1; also through the ADDs of residual
blocks, whose branches then share their scales).

With A the reach of a channel and B that of the weights that read it, a channel is divided by
A**a / B**b, a + b = 1. So an uneven model comes out as an even one of the same function does. Where
only depthwise layers read a channel its scale costs nothing, and a = 1. Elsewhere each output's
weights share one int8 scale: what the one gains the other loses (Xiao et al., "SmoothQuant", arXiv
2211.10438), and of five trades each tie gets the one that makes the least noise.

A RELU6 is never relaxed. Channels that reach 6 are left as they are, others are widened so far
that they stay below 6: on the images seen the result is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.quantize.channel_ties import Channels, Tie, scale, ties
from edgekit.quantize.repairs.repair import Case, Repair, Repaired, unchanged
from edgekit.quantize.spread import Spread
from edgekit.quantize.tie_noise import TieNoise
from edgekit.tflite.editing import Editor

_OF_REACH = (0.0, 0.25, 0.5, 0.75, 1.0)
_CLIP = 6.0
_WIDEST = 64.0
_NOTABLE = 1.1


def _apply(case: Case) -> Repaired:
    model = Editor(case.float_model, case.name)
    seen = dict(case.spreads())
    scaled = 0
    for tie in ties(model):
        found = [seen[model.tensor_name(tensor)] for tensor in tie.tensors]
        scales = scales_of(model, tie, found)
        if scales.max() / scales.min() > _NOTABLE:
            scale(model, tie, scales)
            for (tensor, places), spread in zip(tie.at.items(), found, strict=True):
                seen[model.tensor_name(tensor)] = spread.over(scales[places])
            scaled += 1
    if not scaled:
        return unchanged(case)
    made = model.bytes()
    case.know(made, seen)
    did = f"equalization: {scaled} groups of tensors have their channels scaled alike"
    return Repaired(made, case.quantize(made), (did,))


def scales_of(model: Editor, tie: Tie, found: Sequence[Spread]) -> Floats:
    """What each channel [channels] float32 of a tie is to be divided by.

    `found` are the spreads of its tensors. The geometric mean is 1 where no RELU6 clips, for all
    layers bear a common factor.
    """
    reaches = [np.maximum(spread.high, -spread.low) for spread in found]
    highest = _greatest(tie, tie.at.values(), reaches)
    alive = highest > 1e-6 * highest.max()
    if not alive.any():
        return np.ones_like(highest)
    if tie.free:
        return _bounded(tie, highest, highest, alive)
    typical, weights = _typical_reach(tie, found), _reader_reach(model, tie, alive)
    tried = [_bounded(tie, typical**a / weights ** (1 - a), highest, alive) for a in _OF_REACH]
    best = min(tried, key=TieNoise(model, tie, found))
    return np.where(alive, best, _beside(weights, best, alive))


def _beside(weights: Floats, scales: Floats, alive: npt.NDArray[np.bool_]) -> Floats:
    """Scales for channels that are always nothing: their weights must not set the layers' steps."""
    most = (weights * scales)[alive].max()
    return np.asarray(np.minimum(1, most / weights), np.float32)


def _bounded(tie: Tie, wished: Floats, highest: Floats, alive: npt.NDArray[np.bool_]) -> Floats:
    """The scales that are wished for, as far as a RELU6 and reason let."""
    wished = np.where(alive, wished, 1.0)
    wished = np.clip(wished / np.exp(np.log(wished[alive]).mean()), 1 / _WIDEST, _WIDEST)
    if tie.clips.any():
        wished = _below_the_clip(wished, highest, tie.clips)
    return np.where(alive, wished, 1.0).astype(np.float32)


def _greatest(tie: Tie, places: Iterable[Channels], values: Iterable[Floats]) -> Floats:
    """Of each channel of a tie [channels] the greatest of some tensors' `values`, each for its
    own channels; these are at `places` in the tie."""
    found = np.zeros(len(tie.clips), np.float32)
    for at, own in zip(places, values, strict=True):
        np.maximum.at(found, at, own)
    return found


def _reader_reach(model: Editor, tie: Tie, alive: npt.NDArray[np.bool_]) -> Floats:
    """Of each channel what it has in weights of the layers that mix channels."""
    readers = [layer for layer in tie.readers if layer.op != "DEPTHWISE_CONV_2D"]
    places = [tie.at[layer.input] for layer in readers]
    weights = _greatest(tie, places, [_column_reach(model, one.weights) for one in readers])
    return np.asarray(np.maximum(weights, 1e-3 * weights[alive].max()))


def _typical_reach(tie: Tie, found: Sequence[Spread]) -> Floats:
    """Of each channel the fourth root of the mean fourth power: outliers count, but not alone."""
    typical = [(spread.sample**4).mean(axis=0) ** 0.25 for spread in found]
    reach = _greatest(tie, tie.at.values(), typical)
    return np.asarray(np.maximum(reach, 1e-6 * reach.max()))


def _column_reach(model: Editor, tensor: int) -> Floats:
    """Of a layer's weights [outputs, ..., inputs] the root mean square for each input, each output
    having the same say."""
    weights = model.constant(tensor)
    assert weights is not None
    rows = weights.reshape(weights.shape[0], -1, weights.shape[-1])
    sizes = np.sqrt(np.square(rows).mean(axis=(1, 2), keepdims=True))
    return np.asarray(np.sqrt(np.square(rows / np.maximum(sizes, 1e-12)).mean(axis=(0, 1))))


def _below_the_clip(wished: Floats, highest: Floats, clips: npt.NDArray[np.bool_]) -> Floats:
    """Scales with which a RELU6's channels below 6 stay there, and those that reach it stay.

    As all others share a factor, it is chosen so that the highest of them just reaches what the
    highest of all channels does.
    """
    clipped = clips & (highest >= _CLIP * (1 - 1e-4))
    reach = np.where(clipped, 0.0, highest) / wished
    shared = wished * max(float(reach.max()), 1e-12) / float(highest.max())
    return np.where(clipped, 1.0, np.maximum(shared, np.where(clips, highest / _CLIP, 0.0)))


REPAIR = Repair(
    "equalization", "scale channels so that all use int8's levels, function kept", 10, _apply
)
