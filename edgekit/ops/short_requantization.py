"""Requantization by two short multiplications, proven for every sum that a channel can reach.

TFLite rounds a 32 x 32 bit product twice. That is a step function of the sum with at most 255
steps, and where they lie is known when a model is compiled. For each channel we look for a straight
line that passes each of them at the same sum (all arithmetic of uint32):

    x     = clamp(sum + start, 0, top)
    value = (x * high + ((x * low) >> LOW_SHIFT) + add) >> HIGH_SHIFT

which is floor((x * factor + addend) / 2^(LOW_SHIFT + HIGH_SHIFT)), with factor = high *
2^LOW_SHIFT + low. `start` and `top` leave out sums that are clamped anyway; the bias is in
`start`, the output's smallest value in `add`, modulo 256. A core without a long multiplication
needs 15 instructions for it, constants and clamps included; rounding twice takes it 30.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

LOW_SHIFT, HIGH_SHIFT = 13, 24
_UNIT, _LEVEL = 1 << LOW_SHIFT, 1 << (LOW_SHIFT + HIGH_SHIFT)
_WORD = 1 << 32
_FAR = 1 << 40
"""Farther than any sum."""
_TRIES = 24


@dataclass(frozen=True, slots=True, eq=False)
class Rescaling:
    """What a layer does with its sums before the bias is added to them; arrays are [channels].

    sum -> clamp(round(round((sum + bias) * multiplier * 2^-31) * 2^shift) + offset, low, high)
    for sums in lowest..highest.
    """

    bias: Integers
    multiplier: Integers
    shift: Integers
    lowest: Integers
    highest: Integers
    offset: int
    low: int
    high: int

    def __hash__(self) -> int:
        return hash(self._content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rescaling) and self._content == other._content

    @property
    def _content(self) -> tuple[bytes | int, ...]:
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(v.tobytes() if isinstance(v, np.ndarray) else v for v in values)

    @property
    def real(self) -> npt.NDArray[np.float64]:
        """The real factors."""
        return np.asarray(self.multiplier * np.exp2(self.shift.astype(np.float64) - 31))

    def apply(self, sums: Integers) -> Integers:
        """Outputs for sums [channels, n], as TFLite rounds them, before the clamp."""
        x = (sums + self.bias[:, None]) << np.maximum(self.shift, 0)[:, None]
        high = (x * self.multiplier[:, None] + (1 << 30)) >> 31
        exponent = np.maximum(-self.shift, 0)[:, None]
        half = (np.int64(1) << exponent) >> 1
        return np.asarray(np.sign(high) * ((np.abs(high) + half) >> exponent) + self.offset)

    def overflows(self) -> bool:
        """Whether TFLite's own arithmetic would wrap for a sum in reach."""
        sums = np.maximum(np.abs(self.lowest + self.bias), np.abs(self.highest + self.bias))
        return bool(((sums << np.maximum(self.shift, 0)) >= 1 << 31).any())


@dataclass(frozen=True, slots=True, eq=False)
class ShortFactors:
    """The same as straight lines; arrays are [channels]."""

    start: Integers
    top: Integers
    low: Integers
    high: Integers
    add: Integers

    def table(self) -> npt.NDArray[np.int32]:
        """[channels, 5] as kernels take it: start, top, low, high, add."""
        columns = np.stack([self.start, self.top, self.low, self.high, self.add], axis=1)
        return np.asarray((columns % _WORD).astype(np.uint32).view(np.int32))

    def apply(self, sums: Integers) -> Integers:
        """Outputs for sums [channels, n], as the kernels compute them."""
        x = np.clip(sums + self.start[:, None], 0, self.top[:, None])
        low = (x * self.low[:, None]) >> LOW_SHIFT
        value = (x * self.high[:, None] + low + self.add[:, None]) % _WORD >> HIGH_SHIFT
        return np.asarray((value + 128) % 256 - 128)


@lru_cache(maxsize=256)
def shortened(rescaling: Rescaling) -> ShortFactors | None:
    """Lines that give what `rescaling` gives for every sum in reach; None where none are found.

    Remembered: a layer is lowered again after each pass, and for each way to run it row by row.
    """
    if rescaling.overflows():
        return None
    steps = _steps(rescaling)
    first = np.maximum(steps[:, 0] - 1, rescaling.lowest) if steps.size else rescaling.lowest
    last = np.minimum(steps[:, -1], rescaling.highest) if steps.size else rescaling.lowest
    first = np.minimum(first, rescaling.highest)
    top = np.maximum(last - first, 0)
    factor, addend = _lines(rescaling, steps, first, top)
    found = ShortFactors(
        start=-first,
        top=top,
        low=factor % _UNIT,
        high=factor // _UNIT,
        add=addend + (rescaling.low % 256 << HIGH_SHIFT),
    )
    largest = top * found.high + (top * found.low >> LOW_SHIFT) + addend
    fits = (factor >= 0) & (top * found.low < _WORD) & (largest < _WORD) & (first > -(1 << 30))
    return found if fits.all() and (np.abs(first) < 1 << 30).all() else None


def _steps(rescaling: Rescaling) -> Integers:
    """[channels, span]: the smallest sum whose output is j + 1 above the smallest output."""
    values = np.arange(rescaling.low + 1, rescaling.high + 1, dtype=np.int64)[None, :]
    real = rescaling.real[:, None]
    middle = (values - rescaling.offset - 0.5) / np.where(real > 0, real, 1e-30)
    # Beyond what is in reach it does not matter where a step lies.
    found: Integers = np.ceil(np.clip(middle, -_FAR, _FAR)).astype(np.int64)
    found = found - rescaling.bias[:, None]
    ends = rescaling.lowest[:, None] - 4, rescaling.highest[:, None] + 4
    found = np.asarray(np.clip(found + 2, *ends))
    for _ in range(5):  # the estimate is right to a sum or two
        found = np.where(rescaling.apply(found - 1) >= values, found - 1, found)
    reached = (rescaling.apply(found) >= values) | (found == ends[1])
    assert (reached & ((rescaling.apply(found - 1) < values) | (found <= ends[0] + 5))).all()
    return found


def _lines(
    rescaling: Rescaling, steps: Integers, first: Integers, top: Integers
) -> tuple[Integers, Integers]:
    """Factors and addends (in units of 2^LOW_SHIFT), per channel; a factor of -1: none."""
    at = steps - first[:, None]
    levels = np.arange(1, steps.shape[1] + 1, dtype=np.int64)[None, :] * _LEVEL
    middle: Integers = np.rint(rescaling.real * _LEVEL).astype(np.int64)
    factor, addend = np.full(len(top), -1, np.int64), np.zeros(len(top), np.int64)
    for distance in sorted(range(-_TRIES, _TRIES + 1), key=abs):
        tried = np.maximum(middle + distance, 0)[:, None]
        least = np.where(at > top[:, None], 0, levels - tried * np.maximum(at, 0))
        beyond = (steps.shape[1] + 1) * _LEVEL - tried[:, 0] * top
        most = np.where(at <= 0, 256 * _LEVEL, levels - tried * np.minimum(at - 1, top[:, None]))
        down = -(-least.max(axis=1, initial=0) // _UNIT)
        up = (np.minimum(most.min(axis=1, initial=256 * _LEVEL), beyond) - 1) // _UNIT
        good = (factor < 0) & (down <= up)
        factor = np.where(good, tried[:, 0], factor)
        addend = np.where(good, down, addend)
    return factor, addend
