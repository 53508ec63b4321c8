"""HARD_SWISH: x * relu6(x + 3) / 6, in 16-bit fixed point as TFLite computes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edgekit.fixedpoint import quantize_multiplier, rounding_divide_by_power_of_two
from edgekit.ir import Graph, Operation
from edgekit.ops.forms import end_quantizations
from edgekit.ops.lookup import BYTES, Lookup
from edgekit.ops.operator import NoAttributes

_HEADROOM = 7
"""An input, at most 255, fills 16 bits when it is shifted left by so much."""
_GATE_SCALE = 3 / (1 << 15)
"""The gate, relu6(x + 3) / 6, is found from x at the scale where 3 stands for 2^15."""
_ONE = 1 << 15


def scales_fit(graph: Graph, operation: Operation) -> bool:
    """Its input's scale is from 2^-9 to less than 2^7 times its output's, and from 2^-22 to
    2^23."""
    source, target = end_quantizations(graph, operation)
    return 2**-9 <= source.scale / target.scale < 2**7 and 2**-22 <= source.scale <= 2**23


def _factors(graph: Graph, operation: Operation) -> tuple[tuple[int, int], tuple[int, int]]:
    """(Q15 multiplier, shift) from a shifted input to the output's scale, and to the gate's."""
    source, target = end_quantizations(graph, operation)
    scale = source.scale / (1 << _HEADROOM)
    return _in_q15(scale / target.scale), _in_q15(scale / _GATE_SCALE)


def _in_q15(real: float) -> tuple[int, int]:
    multiplier, shift = quantize_multiplier(real)
    return min((multiplier + (1 << 15)) >> 16, _ONE - 1), shift


class HardSwish(Lookup):
    """The op."""

    name = "HARD_SWISH"
    constraints = (*Lookup.constraints, scales_fit)

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the tensors' quantization says all."""
        return NoAttributes()

    def values(self, graph: Graph, operation: Operation) -> Iterator[int]:
        """x on the output's scale, before its shift, times the gate; then the shift."""
        source, target = end_quantizations(graph, operation)
        (multiplier, shift), gate = _factors(graph, operation)
        for q in BYTES:
            x = (q - source.zero_point) << _HEADROOM
            product = _gate(x, *gate) * _high_multiply(x, multiplier)
            # Towards zero, and not to nearest: so TFLite makes up for the roundings before.
            cut = abs(product) >> 15
            scaled = rounding_divide_by_power_of_two(cut if product > 0 else -cut, -shift)
            yield target.zero_point + scaled


def _gate(x: int, multiplier: int, shift: int) -> int:
    """relu6(x + 3) / 6 in Q15; what a shift to the left pushes out of 16 bits saturates."""
    if shift > 0:
        x = _saturate(_high_multiply(x << (shift - 1), multiplier) << 1)
    else:
        x = rounding_divide_by_power_of_two(_high_multiply(x, multiplier), -shift)
    return (x + _ONE) >> 1


def _high_multiply(x: int, y: int) -> int:
    """The product of two Q15 numbers, ties up."""
    return (x * y + (1 << 14)) >> 15


def _saturate(x: int) -> int:
    return max(-_ONE, min(_ONE - 1, x))


OPERATOR = HardSwish()
