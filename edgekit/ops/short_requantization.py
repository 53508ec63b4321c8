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

TFLite rounds ties away from zero. Where outputs on both sides of the zero point survive the clamp,
as without an activation, those below it lie on another line: 2^-exponent of a step, `down`, is
taken off where x < `zero`.
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

    zero: Integers
    down: Integers

    @property
    def sides(self) -> int:
        """1, or 2 where any channel has outputs on another line below its zero."""
        return 2 if self.down.any() else 1

    def table(self) -> npt.NDArray[np.int32]:
        """[channels, 5] as kernels take it: start, top, low, high, add; of two sides [channels, 7],
        with zero and down."""
        found = [self.start, self.top, self.low, self.high, self.add]
        columns = np.stack([*found, *([self.zero, self.down] if self.sides == 2 else [])], axis=1)
        return np.asarray((columns % _WORD).astype(np.uint32).view(np.int32))

    def apply(self, sums: Integers) -> Integers:
        """Outputs for sums [channels, n], as the kernels compute them."""
        x = np.clip(sums + self.start[:, None], 0, self.top[:, None])
        low = (x * self.low[:, None]) >> LOW_SHIFT
        down = np.where(x < self.zero[:, None], self.down[:, None], 0)
        value = (x * self.high[:, None] + low + self.add[:, None] - down) % _WORD >> HIGH_SHIFT
        return np.asarray((value + 128) % 256 - 128)


@lru_cache(maxsize=256)
def shortened(rescaling: Rescaling) -> ShortFactors | None:
    """Lines that give what `rescaling` gives for every sum in reach; None where none are found.

    Remembered: a layer is lowered again after each pass, and for each way to run it row by row.
    """
    if rescaling.overflows():
        return None
    nothing = np.zeros(len(rescaling.bias), np.int64)
    return _shortened(rescaling, nothing) or _shortened(rescaling, _below_zero(rescaling))


def _below_zero(rescaling: Rescaling) -> Integers:
    """What the second rounding takes off a negative value, in units of 2^-HIGH_SHIFT of a step."""
    exponent = np.maximum(-rescaling.shift, 0)
    return np.asarray(np.int64(1) << np.maximum(HIGH_SHIFT - exponent, 0))


def _shortened(rescaling: Rescaling, down: Integers) -> ShortFactors | None:
    steps = _steps(rescaling)
    first = np.maximum(steps[:, 0] - 1, rescaling.lowest) if steps.size else rescaling.lowest
    last = np.minimum(steps[:, -1], rescaling.highest) if steps.size else rescaling.lowest
    first = np.minimum(first, rescaling.highest)
    top = np.maximum(last - first, 0)
    zero = np.clip(-rescaling.bias - first, 0, _WORD // 2 - 1)
    factor, addend = _lines(rescaling, steps - first[:, None], top, _Bend(zero, down))
    found = ShortFactors(
        start=-first,
        top=top,
        low=factor % _UNIT,
        high=factor // _UNIT,
        add=addend + (rescaling.low % 256 << HIGH_SHIFT),
        zero=zero,
        down=down,
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


@dataclass(frozen=True, slots=True, eq=False)
class _Bend:
    """Where a channel's line jumps up, and by how much; arrays are [channels]."""

    zero: Integers
    down: Integers

    def at(self, x: Integers) -> Integers:
        """What is taken off at x [channels, n], in units of 1 / _LEVEL."""
        return np.where(x < self.zero[:, None], self.down[:, None] * _UNIT, 0)


def _lines(
    rescaling: Rescaling, at: Integers, top: Integers, bend: _Bend
) -> tuple[Integers, Integers]:
    """Factors and addends (in units of 2^LOW_SHIFT), per channel; a factor of -1: none.

    `at` [channels, span] are the steps, as x.
    """
    levels = np.arange(1, at.shape[1] + 1, dtype=np.int64)[None, :] * _LEVEL
    middle: Integers = np.rint(rescaling.real * _LEVEL).astype(np.int64)
    factor, addend = np.full(len(top), -1, np.int64), np.zeros(len(top), np.int64)
    on = np.maximum(at, 0)
    before = np.minimum(at - 1, top[:, None])
    up_to_step, up_to_before = levels + bend.at(on), levels + bend.at(before)
    lowest = bend.at(np.zeros_like(top)[:, None])[:, 0]
    for distance in sorted(range(-_TRIES, _TRIES + 1), key=abs):
        tried = np.maximum(middle + distance, 0)[:, None]
        least = np.where(at > top[:, None], 0, up_to_step - tried * on)
        beyond = (at.shape[1] + 1) * _LEVEL - tried[:, 0] * top
        most = np.where(at <= 0, 256 * _LEVEL, up_to_before - tried * before)
        down = -(-np.maximum(least.max(axis=1, initial=0), lowest) // _UNIT)
        up = (np.minimum(most.min(axis=1, initial=256 * _LEVEL), beyond) - 1) // _UNIT
        good = (factor < 0) & (down <= up)
        factor = np.where(good, tried[:, 0], factor)
        addend = np.where(good, down, addend)
    return factor, addend
