"""Running figures of one value over many images: float beside int8, without keeping either."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.quantize.diagnosis.values import Value

MOST_DB = 120.0
"""What an error of nothing counts as; float32 itself is not much better."""

_LEVELS = 256
_CENTRAL = 0.998
_CLIPPED_CHANNEL = 0.01
_SIX = 6.0

Array = npt.NDArray[np.float64]


def decibels(signal: float, noise: float) -> float:
    """10 log10 of two powers' ratio, within `MOST_DB` either way."""
    if noise <= signal * 10 ** (-MOST_DB / 10):
        return MOST_DB
    return max(-MOST_DB, float(10 * np.log10(max(signal, 1e-300) / noise)))


class Tally:
    """The figures of one value. Channels are the last axis; `add` takes one image at a time."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self.channels = value.shape[-1] if value.shape else 1
        self._count = 0
        self._powers = np.zeros(4)  # of float, int8, float times int8, their difference
        self._shift = np.zeros(self.channels)
        self._beyond = np.zeros(self.channels, np.int64)
        self._at_six = np.zeros(2, np.int64)
        self._extremes = np.array([[np.inf], [-np.inf]] * 2) * np.ones(self.channels)
        self._levels = np.zeros(_LEVELS, np.int64)

    def add(self, floats: Floats, ints: Floats) -> None:
        """Takes in what both models make of one image, [1, ..., channels] real values."""
        real, held = (values.reshape(-1, self.channels) for values in (floats, ints))
        error = held - real
        self._count += real.size
        self._powers += [_product(real, real), _product(held, held), _product(real, held),
                         _product(error, error)]  # fmt: skip
        self._shift += error.sum(axis=0, dtype=np.float64)
        low, high = self.value.range
        half = self.value.step / 2
        self._beyond += ((real > high + half) | (real < low - half)).sum(axis=0)
        if self.value.relu6:
            self._at_six += [(real >= _SIX - 1e-5).sum(), (held >= min(_SIX, high) - half).sum()]
        now = np.stack([real.min(axis=0), real.max(axis=0), held.min(axis=0), held.max(axis=0)])
        for row, better in enumerate((np.minimum, np.maximum) * 2):
            self._extremes[row] = better(self._extremes[row], now[row])
        self._levels += self._counted(held)

    def _counted(self, held: Floats) -> npt.NDArray[np.int64]:
        """How often each of 256 equal parts of the range was taken: the levels, for int8."""
        low, high = self.value.range
        levels = np.rint((held - low) * ((_LEVELS - 1) / (high - low)))
        return np.bincount(levels.astype(np.uint8).reshape(-1), minlength=_LEVELS)

    @property
    def sqnr_db(self) -> float:
        """Power of the float values over that of what int8 adds to them."""
        return decibels(self._powers[0], self._powers[3])

    @property
    def cosine(self) -> float:
        """Of the angle between float and int8, all images as one vector."""
        lengths = np.sqrt(self._powers[0] * self._powers[1])
        return float(self._powers[2] / lengths) if lengths else 1.0

    @property
    def mean_shift(self) -> float:
        """The part of the error's power that is a constant per channel."""
        per_channel = self._count / self.channels
        constant = float((self._shift**2).sum() / per_channel)
        return float(constant / self._powers[3]) if self._powers[3] else 0.0

    @property
    def float_range(self) -> tuple[float, float]:
        """The least and greatest float value."""
        return float(self._extremes[0].min()), float(self._extremes[1].max())

    @property
    def clipped_fraction(self) -> float:
        """Share of float values beyond what int8 holds."""
        return float(self._beyond.sum() / self._count)

    @property
    def clipped_channels(self) -> int:
        """Channels of which more than 1 % is beyond."""
        return int((self._beyond > _CLIPPED_CHANNEL * self._count / self.channels).sum())

    @property
    def dead_channels(self) -> int:
        """Channels that are the same in float everywhere."""
        return int(self._dead().sum())

    @property
    def lost_channels(self) -> int:
        """Channels that are the same everywhere in int8 and not in float."""
        return int(((self._extremes[2] == self._extremes[3]) & ~self._dead()).sum())

    def _dead(self) -> npt.NDArray[np.bool_]:
        dead: npt.NDArray[np.bool_] = self._extremes[0] == self._extremes[1]
        return dead

    @property
    def range_ratio(self) -> float:
        """The widest float channel over the median one, dead channels left out."""
        ranges = (self._extremes[1] - self._extremes[0])[~self._dead()]
        return float(ranges.max() / np.median(ranges)) if ranges.size else 1.0

    @property
    def relu6_saturation(self) -> tuple[float, float] | None:
        """Share of values at 6 in float and in int8; None without a ReLU6."""
        if not self.value.relu6:
            return None
        at_six: Any = self._at_six / self._count
        return float(at_six[0]), float(at_six[1])

    @property
    def levels_used(self) -> int:
        """Of 256 levels, those between the least and the greatest taken."""
        taken = np.flatnonzero(self._levels)
        return int(taken[-1] - taken[0] + 1)

    @property
    def central_levels(self) -> int:
        """How many levels hold the middle 99.8 % of the values."""
        shares = np.cumsum(self._levels) / self._levels.sum()
        tail = (1 - _CENTRAL) / 2
        first, last = np.searchsorted(shares, [tail, 1 - tail])
        return int(last - first + 1)


def _product(a: Floats, b: Floats) -> float:
    return float(np.einsum("nc,nc->", a, b, dtype=np.float64, optimize=False))
