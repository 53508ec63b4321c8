"""MUL: the product of two int8 tensors of any scales, stretched where shapes differ."""

from __future__ import annotations

from collections.abc import Mapping

from edgekit.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier
from edgekit.ir import Graph, Operation
from edgekit.ops.elementwise import Clamped, clamped, output_parameters, quantizations

_LARGEST_FACTOR = 1 << 14
"""255 * 255 shifted left by 14 stays below 2^30."""


def factor_fits(graph: Graph, operation: Operation) -> bool:
    """Its scales give a factor, input * input / output, below 2^14."""
    return _factor(graph, operation) < _LARGEST_FACTOR


def _factor(graph: Graph, operation: Operation) -> float:
    first, second, target = quantizations(graph, operation)
    return first.scale * second.scale / target.scale


class Mul(Clamped):
    """The op. One of its inputs may be constant."""

    name = "MUL"
    kernel = "ek_mul_s8.h"
    options_table = "MulOptions"
    constraints = (*Clamped.constraints, factor_fits)

    def scaling(self, graph: Graph, operation: Operation) -> dict[str, int]:
        """The parameters of ek_mul_s8 besides its loops."""
        first, second, target = quantizations(graph, operation)
        multiplier, shift = quantize_multiplier(_factor(graph, operation))
        return {
            "first_offset": -first.zero_point,
            "second_offset": -second.zero_point,
            "output_multiplier": multiplier,
            "output_shift": shift,
            **output_parameters(operation, target),
        }

    def one(self, by: Mapping[str, int], first: int, second: int) -> int:
        """The product of the two distances from zero, scaled."""
        product = (first + by["first_offset"]) * (second + by["second_offset"])
        scaled = multiply_by_quantized_multiplier(
            product, by["output_multiplier"], by["output_shift"]
        )
        return clamped(by, scaled)


OPERATOR = Mul()
