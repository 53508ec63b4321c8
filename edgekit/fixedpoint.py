"""TFLite's fixed-point arithmetic: how a real scale becomes an integer multiplier and a shift.

What TensorFlow Lite Micro's reference kernels compute is the definition. They round twice: once
when a 32x31-bit product is cut to 32 bits (ties up), once when that is shifted right (ties away
from zero). `edgekit/kernels/ek_requantize.h` is the same in C.
"""

from __future__ import annotations

import enum
import math

import numpy as np


class Activation(enum.Enum):
    """A fused activation; the value is TFLite's name for it."""

    NONE = "NONE"
    RELU = "RELU"
    RELU_N1_TO_1 = "RELU_N1_TO_1"
    RELU6 = "RELU6"


_BOUNDS: dict[Activation, tuple[float | None, float | None]] = {
    Activation.NONE: (None, None),
    Activation.RELU: (0.0, None),
    Activation.RELU_N1_TO_1: (-1.0, 1.0),
    Activation.RELU6: (0.0, 6.0),
}


# Farther than any int8 from any zero point, for scales so small that a quotient is infinite.
_FAR = 1e6


def quantize_multiplier(real: float) -> tuple[int, int]:
    """(multiplier, shift) with real = multiplier * 2**(shift - 31) and multiplier in Q31.

    `real` is taken as a double and must be finite and not negative. The multiplier lies in
    [2**30, 2**31), or both are 0 when `real` is below about 2**-32.
    """
    assert math.isfinite(real)
    assert real >= 0
    if real == 0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * (1 << 31) + 0.5)
    if multiplier == 1 << 31:
        multiplier, shift = 1 << 30, shift + 1
    return (multiplier, shift) if shift >= -31 else (0, 0)


def multiply_by_quantized_multiplier(x: int, multiplier: int, shift: int) -> int:
    """x * multiplier * 2**(shift - 31) for int32 x, as the device computes it, wraps included."""
    high = (_wrap32(x << max(shift, 0)) * multiplier + (1 << 30)) >> 31
    return rounding_divide_by_power_of_two(high, max(-shift, 0))


def rounding_divide_by_power_of_two(x: int, exponent: int) -> int:
    """x / 2**exponent to nearest, ties away from zero."""
    if exponent == 0:
        return x
    magnitude = (abs(x) + (1 << (exponent - 1))) >> exponent
    return magnitude if x >= 0 else -magnitude


def activation_range(activation: Activation, scale: float, zero_point: int) -> tuple[int, int]:
    """The smallest and largest int8 that a fused activation lets through, both inclusive."""
    low, high = _BOUNDS[activation]
    return (
        -128 if low is None else max(-128, _quantize(low, scale, zero_point)),
        127 if high is None else min(127, _quantize(high, scale, zero_point)),
    )


def _quantize(real: float, scale: float, zero_point: int) -> int:
    """zero_point + real / scale in float32, ties away from zero, as TFLite's range helper does."""
    with np.errstate(over="ignore"):
        quotient = float(np.float32(real) / np.float32(scale))
    quotient = max(-_FAR, min(_FAR, quotient))
    return zero_point + int(math.copysign(math.floor(abs(quotient) + 0.5), quotient))


def _wrap32(x: int) -> int:
    return (x + (1 << 31)) % (1 << 32) - (1 << 31)
