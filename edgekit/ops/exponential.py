"""exp(x) of x <= 0 in fixed point, to the last bit as TFLite's kernels compute it.

x has 5 integer bits (Q5.26) unless the caller says otherwise, the result none (Q0.31). The part of
x below 1/4 goes through a polynomial around -1/8, each higher bit multiplies by a constant.
"""

from __future__ import annotations

import math

from edgekit.fixedpoint import rounding_divide_by_power_of_two

FRACTION_BITS = 26
LOWEST = 31 << FRACTION_BITS
"""Below minus this, exp is taken as 0."""

ONE = (1 << 31) - 1
"""The largest Q0.31, which stands for 1."""

_EIGHTH_Q31 = 1 << 28
_FACTORS = {power: round(math.exp(-(2.0**power)) * (1 << 31)) for power in range(-2, 5)}
"""For each bit of -x from 1/4 up to 16, by its power of two: exp of minus its value in Q31."""
_EXP_EIGHTH = round(math.exp(-1 / 8) * (1 << 31))
_THIRD = round((1 << 31) / 3)


def high_multiply(x: int, y: int) -> int:
    """The product of two Q31 numbers, ties up."""
    return (x * y + (1 << 30)) >> 31


def of_negative(x: int, fraction_bits: int = FRACTION_BITS) -> int:
    """exp of x <= 0 with so many fraction bits of 31; the result in Q0.31."""
    if x == 0:
        return ONE
    quarter = 1 << (fraction_bits - 2)
    fraction = (x & (quarter - 1)) - quarter
    result = _near_zero(fraction << (31 - fraction_bits))
    for power, factor in _FACTORS.items():
        if (fraction - x) & (1 << (fraction_bits + power)):
            result = high_multiply(result, factor)
    return result


def _near_zero(x: int) -> int:
    """exp of -1/4 <= x < 0, in Q0.31: a Taylor polynomial of degree four around -1/8."""
    x += _EIGHTH_Q31
    square = high_multiply(x, x)
    cube = high_multiply(square, x)
    fourth = rounding_divide_by_power_of_two(high_multiply(square, square), 2)
    tail = rounding_divide_by_power_of_two(high_multiply(fourth + cube, _THIRD) + square, 1)
    return _EXP_EIGHTH + high_multiply(_EXP_EIGHTH, x + tail)
