"""What LOGISTIC and TANH have in common: a curve between two bounds, in fixed point as TFLM has it.

The input is brought to 4 integer bits (Q4.27), the curve is found with 31 fraction bits (Q0.31).
Far from zero, where 4 bits would not do, the output is its bound.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from edgekit.fixedpoint import (
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rounding_divide_by_power_of_two,
)
from edgekit.ir import Graph, Operation
from edgekit.ops.exponential import ONE, high_multiply
from edgekit.ops.forms import end_quantizations
from edgekit.ops.lookup import BYTES, Lookup
from edgekit.ops.operator import NoAttributes

INTEGER_BITS = 4
FRACTION_BITS = 31 - INTEGER_BITS
_NEWTON_STEPS = 3


def input_scale_fits(graph: Graph, operation: Operation) -> bool:
    """Its input's scale is at least 2^-27."""
    source, _ = end_quantizations(graph, operation)
    return source.scale * (1 << FRACTION_BITS) >= 1


class Sigmoid(Lookup):
    """A curve; a subclass says which, and what quantization TFLite fixes for its output."""

    output_bits: ClassVar[int]
    """The output's scale is 2^-output_bits."""
    output_zero_point: ClassVar[int]

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the tensors' quantization says all."""
        return NoAttributes()

    @abstractmethod
    def curve(self, x: int) -> int:
        """The curve at x in Q4.27, in Q0.31."""

    def values(self, graph: Graph, operation: Operation) -> Iterator[int]:
        """The curve of each input, or a bound."""
        source, _ = end_quantizations(graph, operation)
        multiplier, shift = quantize_multiplier(source.scale * (1 << FRACTION_BITS))
        reach = (((1 << INTEGER_BITS) - 1) << FRACTION_BITS) >> shift
        for q in BYTES:
            x = q - source.zero_point
            if abs(x) >= reach:
                # A reach of 0 has 0 itself at the lower bound: the comparisons' order decides.
                yield -128 if x <= -reach else 127
                continue
            y = self.curve(multiply_by_quantized_multiplier(x, multiplier, shift))
            cut = rounding_divide_by_power_of_two(y, 31 - self.output_bits)
            yield cut + self.output_zero_point


def newton_reciprocal(x: int) -> int:
    """2 / (1 + x) for x in Q0.31 from 0 to 1; the result, from 1 to 2, in Q2.29."""
    half = (x + ONE + 1) >> 1
    y = 1515870810 + high_multiply(half, -1010580540)  # 48/17 - 32/17 * half
    for _ in range(_NEWTON_STEPS):
        error = (1 << 29) - high_multiply(half, y)
        y += high_multiply(y, error) * 4
    return y
