"""The noise that int8 makes behind channels that are scaled together, for any scales of theirs.

A tensor's values are rounded to steps of its range / 255, a layer's weights to steps of each
output's largest weight / 127; a rounding error has a twelfth of its step's square as its power.
Errors add up in the layers that read the channels: those of values times the weights' squares,
those of weights times the values' squares. Scales trade the one for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgekit.frontends.float_model import Floats
from edgekit.quantize.channel_ties import Channels, Tie
from edgekit.quantize.layers import WeightedLayer
from edgekit.quantize.spread import Spread
from edgekit.tflite.editing import Editor

_LEVELS, _MOST = 255, 127
_UNIFORM = 12
_LEAST = 1e-30


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """A layer that mixes channels, before these are scaled.

    `at` are its channels' places in the tie, `gains` [channels] the sums of its weights' squares,
    `largest` [outputs, channels] their magnitudes, `powers` [channels] the values' mean squares.
    """

    at: Channels
    taps: int
    gains: Floats
    largest: Floats
    powers: Floats

    def noise(self, values: float, scales: Floats) -> float:
        """Relative to the output's power, given that of the rounding of values."""
        own = scales[self.at]
        steps = (self.largest * own).max(axis=1) / _MOST
        weights = np.square(steps).sum() / _UNIFORM * self.taps * (self.powers / own**2).sum()
        output = (self.gains * self.powers).sum() + _LEAST
        return float(((self.gains * own**2).sum() * values + weights) / output)


class TieNoise:
    """The noise in the layers that read a tie, relative to their outputs' power.

    `found` are the spreads of the tie's tensors. Layers that read one channel at a time have no
    say: a scale costs their weights nothing.
    """

    def __init__(self, model: Editor, tie: Tie, found: Sequence[Spread]) -> None:
        spreads = dict(zip(tie.at, found, strict=True))
        self._values = [(tie.at[tensor], spread) for tensor, spread in spreads.items()]
        self._readers = [
            _reader(model, layer, tie.at[layer.input], spreads[layer.input])
            for layer in tie.readers
            if layer.op != "DEPTHWISE_CONV_2D"
        ]

    def __call__(self, scales: Floats) -> float:
        """With the tie's channels divided by scales [channels], their weights multiplied."""
        values = sum(_step(spread, scales[at]) ** 2 for at, spread in self._values) / _UNIFORM
        return sum(reader.noise(values, scales) for reader in self._readers)


def _step(spread: Spread, scales: Floats) -> float:
    low, high = spread.over(scales).range
    return (high - low) / _LEVELS


def _reader(model: Editor, layer: WeightedLayer, at: Channels, spread: Spread) -> _Reader:
    weights = model.constant(layer.weights)
    assert weights is not None
    rows = weights.reshape(weights.shape[0], -1, weights.shape[-1])
    return _Reader(
        at,
        rows.shape[1],
        np.square(rows).sum(axis=(0, 1)),
        np.abs(rows).max(axis=1),
        np.square(spread.sample).mean(axis=0),
    )
