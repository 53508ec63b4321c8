"""A sum of two scaled int8 by two multiplications, proven for every pair of values.

TFLite rounds seven times on the way from two bytes to their sum. There are only 65536 pairs: a line

    sum    = first * first_factor + second * second_factor + centre
    output = clamp((sum - (sum < 0 and bend) + add) >> shift)

is looked for that gives all of their outputs. `centre` makes real 0 a sum of 0, and `bend` rounds
ties below it down, away from zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
_SHIFTS = range(22, 9, -1)
_NUDGES = sorted(product(range(-2, 3), repeat=2), key=lambda pair: abs(pair[0]) + abs(pair[1]))
_VALUES: Integers = np.arange(-128, 128, dtype=np.int64)
_INT32 = 1 << 31


@dataclass(frozen=True, slots=True)
class SumLine:
    """The constants above; those of ek_linear_sum_s8.h besides its loops and its clamp."""

    first_factor: int
    second_factor: int
    centre: int
    bend: int
    add: int
    shift: int


def sum_line(by: Mapping[str, int], sign: int) -> SumLine | None:
    """The line for the parameters `by` of ek_add_s8, its second input times `sign`; None where
    none is found."""
    return _found(tuple(sorted(by.items())), sign)


@lru_cache(maxsize=256)
def _found(items: tuple[tuple[str, int], ...], sign: int) -> SumLine | None:
    by = dict(items)
    wanted = _outputs(by, sign)
    reals = [_real(by, name) * _real(by, "output") * 2.0**20 for name in ("first", "second")]
    for shift in _SHIFTS:
        factors = [round(real * (1 << shift)) for real in reals]
        largest = 255 * (abs(factors[0]) + abs(factors[1]) + 4) + (300 << shift)
        if largest >= _INT32:
            continue
        for nudge in _NUDGES:
            first, second = factors[0] + nudge[0], sign * (factors[1] + nudge[1])
            line = _fitted(by, wanted, first, second, shift)
            if line:
                return line
        return None
    return None


def _real(by: Mapping[str, int], name: str) -> float:
    return float(by[f"{name}_multiplier"] * 2.0 ** (by[f"{name}_shift"] - 31))


def _fitted(
    by: Mapping[str, int], wanted: Integers, first: int, second: int, shift: int
) -> SumLine | None:
    """With these factors; `add` is in the middle of what gives every output."""
    centre = by["first_offset"] * first + by["second_offset"] * second
    sums = first * _VALUES[:, None] + second * _VALUES[None, :] + centre
    for bend in (0, 1):
        bent = sums - bend * (sums < 0)
        above, below = wanted > by["output_min"], wanted < by["output_max"]
        least = np.max((wanted << shift) - bent, initial=-_INT32, where=above)
        most = np.min((wanted + 1 << shift) - bent, initial=_INT32, where=below) - 1
        add = int(least + most) // 2
        if least <= most and np.abs(bent + add).max() < _INT32:
            return SumLine(first, second, centre, bend, add, shift)
    return None


def _outputs(by: Mapping[str, int], sign: int) -> Integers:
    """[256, 256]: what TFLite gives for each pair of values."""
    first, second = (
        _scaled(_VALUES + by[f"{name}_offset"] << 20, by, name) for name in ("first", "second")
    )
    scaled = _scaled(first[:, None] + sign * second[None, :], by, "output")
    return np.clip(scaled + by["output_offset"], by["output_min"], by["output_max"])


def _scaled(x: Integers, by: Mapping[str, int], name: str) -> Integers:
    """x * multiplier * 2^(shift - 31) for a shift of 0 or less, rounded as TFLite does it."""
    high = (x * by[f"{name}_multiplier"] + (1 << 30)) >> 31
    exponent = -by[f"{name}_shift"]
    half = (1 << exponent) >> 1
    return np.asarray(np.sign(high) * (np.abs(high) + half >> exponent))
