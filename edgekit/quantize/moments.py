"""First and second moments of what a layer reads in float and in int8, from sampled places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgekit.quantize.layer_weights import Doubles
from edgekit.quantize.layerwise import Pair

_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Moments:
    """Of a layer's rows, each group by itself: means [groups, taps], and about the means
    `within` = E[int8 int8'] and `across` = E[float int8'], [groups, taps, taps].
    """

    float_mean: Doubles
    int8_mean: Doubles
    within: Doubles
    across: Doubles

    def damped(self, share: float) -> tuple[Doubles, Doubles]:
        """`within` and `across` with so much of the mean variance added to their diagonals.

        It draws a regression towards the weights that are there: a few thousand places of a few
        images say little about directions in which they hardly vary.
        """
        taps = self.within.shape[1]
        variance = np.einsum("gtt->g", self.within) / taps + _LEAST
        ridge = share * variance[:, None, None] * np.eye(taps)
        return self.within + ridge, self.across + ridge


def moments_of(pair: Pair) -> Moments:
    """The moments of a layer's sampled rows."""
    floats, int8 = pair.float_rows, pair.int8_rows
    float_mean = floats.mean(axis=1, dtype=np.float64)
    int8_mean = int8.mean(axis=1, dtype=np.float64)
    floats = floats - float_mean[:, None].astype(np.float32)
    int8 = int8 - int8_mean[:, None].astype(np.float32)
    places = floats.shape[1]
    return Moments(
        float_mean,
        int8_mean,
        (int8.transpose(0, 2, 1) @ int8).astype(np.float64) / places,
        (floats.transpose(0, 2, 1) @ int8).astype(np.float64) / places,
    )


def mean_output(weights: Doubles, means: Doubles) -> Doubles:
    """A layer's mean output [groups, outputs], before its bias, for inputs of these means."""
    return np.asarray(np.einsum("got,gt->go", weights, means), np.float64)
