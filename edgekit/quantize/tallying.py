"""What is seen of one tensor of one image, and what that makes over all images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgekit.frontends.float_model import Floats
from edgekit.quantize.relu6 import CLIP
from edgekit.quantize.spread import Spread

_SAMPLED_PER_IMAGE = 4_000  # values of each tensor
_ROW = 1_024
_WARM = 1 << 15  # values that stay in the cache while they are looked at


@dataclass(frozen=True, slots=True)
class Part:
    """One tensor of one image: extremes per channel, how many are above the clip, a sample."""

    low: Floats
    high: Floats
    values: int
    above: int
    rows: Floats


Ends = tuple[Floats, Floats]


def ends_of(parts: Sequence[Part | None]) -> Ends | None:
    """The extremes per channel of tensors side by side; None where some were not looked at."""
    seen = [one for one in parts if one is not None]
    if not seen or len(seen) < len(parts):
        return None
    return np.concatenate([one.low for one in seen]), np.concatenate([one.high for one in seen])


def part_of(
    values: Floats, places: np.random.Generator, clipped: bool, ends: Ends | None = None
) -> Part:
    """What is seen of a tensor, whose extremes per channel, `ends`, may be known."""
    channels = values.shape[-1] if values.ndim > 1 else 1
    rows = values.reshape(-1, channels)
    above = 0
    if ends is None or clipped:
        ends, above = _extremes(rows, clipped)
    wanted = max(1, _SAMPLED_PER_IMAGE // channels)
    sample = rows[places.integers(len(rows), size=wanted)] if wanted < len(rows) else rows.copy()
    return Part(*ends, rows.size, above, sample)


def _extremes(rows: Floats, clipped: bool) -> tuple[Ends, int]:
    """The least and greatest value per channel, and how many are above the clip if one follows."""
    channels = rows.shape[1]
    # Reducing few channels at a time is slow: many rows go as one.
    together = int(np.gcd(len(rows), 1 << int(np.log2(max(_ROW // channels, 1)))))
    wide = rows.reshape(-1, together * channels)
    low, high, above = wide[0], wide[0], 0
    step = max(1, _WARM // wide.shape[1])
    for start in range(0, len(wide), step):
        few = wide[start : start + step]  # NaN stays NaN, so that whoever looks at ranges sees it
        low, high = np.minimum(low, few.min(axis=0)), np.maximum(high, few.max(axis=0))
        if clipped:
            above += int(np.count_nonzero(few > CLIP))
    ends = low.reshape(-1, channels).min(axis=0), high.reshape(-1, channels).max(axis=0)
    return ends, above


class Tally:
    """One tensor over all images; `values` of it were seen, `above` of them above the clip."""

    def __init__(self) -> None:
        self._low: Floats | float = np.inf
        self._high: Floats | float = -np.inf
        self._rows: list[Floats] = []
        self.above, self.values = 0, 0

    def add(self, part: Part) -> None:
        """Takes in what was seen of one image."""
        self._low = np.minimum(self._low, part.low)
        self._high = np.maximum(self._high, part.high)
        self._rows.append(part.rows)
        self.values += part.values
        self.above += part.above

    def spread(self) -> Spread:
        """How the tensor spreads over the images so far."""
        low, high = np.asarray(self._low), np.asarray(self._high)
        return Spread(low, high, np.concatenate(self._rows))
