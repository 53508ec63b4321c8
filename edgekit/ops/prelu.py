"""PRELU: x where it is positive, alpha times x elsewhere; alpha is stretched over x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgekit.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier
from edgekit.ir import Graph, Operation
from edgekit.ops.elementwise import TWO_TENSORS, Elementwise, quantizations
from edgekit.ops.operator import NoAttributes

_LARGEST_FACTOR = 1 << 14
"""255 * 255 shifted left by 14 stays below 2^30."""


def four_dimensions(graph: Graph, operation: Operation) -> bool:
    """Its inputs have at most four dimensions."""
    return all(len(graph.tensor(number).shape) <= 4 for number in operation.inputs)


def factors_fit(graph: Graph, operation: Operation) -> bool:
    """Its scales give factors, input / output and input * alpha / output, below 2^14."""
    return max(_factors(graph, operation)) < _LARGEST_FACTOR


def _factors(graph: Graph, operation: Operation) -> tuple[float, float]:
    """The real factors of x, and of alpha times x."""
    source, alpha, target = quantizations(graph, operation)
    return source.scale / target.scale, source.scale * alpha.scale / target.scale


class Prelu(Elementwise):
    """The op. Alpha is mostly constant, one value per channel."""

    name = "PRELU"
    kernel = "ek_prelu_s8.h"
    constraints = (*TWO_TENSORS, four_dimensions, factors_fit)

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: alpha is an input."""
        return NoAttributes()

    def scaling(self, graph: Graph, operation: Operation) -> dict[str, int]:
        """The parameters of ek_prelu_s8 besides its loops."""
        source, alpha, target = quantizations(graph, operation)
        found = {
            "x_offset": -source.zero_point,
            "alpha_offset": -alpha.zero_point,
            "output_offset": target.zero_point,
        }
        for name, real in zip(("positive", "negative"), _factors(graph, operation), strict=True):
            multiplier, shift = quantize_multiplier(real)
            found |= {f"{name}_multiplier": multiplier, f"{name}_shift": shift}
        return found

    def one(self, by: Mapping[str, int], first: int, second: int) -> int:
        """The input or its product with alpha, scaled."""
        x = first + by["x_offset"]
        side, value = ("positive", x)
        if x < 0:
            side, value = ("negative", x * (second + by["alpha_offset"]))
        factor = by[f"{side}_multiplier"], by[f"{side}_shift"]
        return by["output_offset"] + multiply_by_quantized_multiplier(value, *factor)


OPERATOR = Prelu()
