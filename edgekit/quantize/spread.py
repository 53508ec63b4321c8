"""How the values of one tensor spread over the calibration images, and ranges for int8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgekit.frontends.float_model import Floats

Range = tuple[float, float]
"""The least and the greatest real value that is to be held; 0 lies within."""

_BINS = 4_096
_SHRUNKEN = np.geomspace(1.0, 0.03, 40)
_LEVELS = 255


@dataclass(frozen=True, slots=True)
class Spread:
    """Of one tensor over all images: extremes per channel, and a sample of whole channels.

    `low` and `high` are [channels] float32 and miss nothing; `sample` is [places, channels],
    at places drawn at random.
    """

    low: Floats
    high: Floats
    sample: Floats

    @property
    def range(self) -> Range:
        """From the least to the greatest value seen, 0 included."""
        return min(float(self.low.min()), 0.0), max(float(self.high.max()), 0.0)

    def over(self, scales: Floats) -> Spread:
        """The spread of the tensor divided by positive scales [channels]."""
        return Spread(self.low / scales, self.high / scales, self.sample / scales)

    def clipped(self, low: float, high: float) -> Spread:
        """The spread of the tensor after a clip to [low, high]."""
        return Spread(*(np.clip(part, low, high) for part in (self.low, self.high, self.sample)))

    def fitted(self, power: float) -> Range:
        """The range within the one seen whose int8 error has the least mean |error|**power.

        Within a step errors are uniform: |error|**p is (step / 2)**p / (p + 1) on average. What is
        clipped errs by its distance to the end. Power 2 is the mean squared error; lower powers
        forgive few large errors and clip more, higher ones clip less.
        """
        low, high = self.range
        counts, edges = np.histogram(self.sample, _BINS, (low, high) if high > low else (0, 1))
        values = ((edges[1:] + edges[:-1]) / 2)[counts > 0]
        counts = counts[counts > 0]

        def error(low: float, high: float) -> float:
            beyond = np.maximum(np.maximum(values - high, low - values), 0)
            inside = ((high - low) / _LEVELS / 2) ** power / (power + 1)
            return float(np.dot(counts, np.where(beyond == 0, inside, beyond**power)))

        for _ in range(2):  # each end by turns
            low = min((low * share for share in _SHRUNKEN), key=lambda end: error(end, high))
            high = min((high * share for share in _SHRUNKEN), key=lambda end: error(low, end))
        return float(low), float(high)


def ranges(found: Mapping[str, Spread]) -> dict[str, Range]:
    """From the least to the greatest value, for each tensor."""
    return {tensor: spread.range for tensor, spread in found.items()}
