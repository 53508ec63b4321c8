"""What ADD and SUB have in common: both inputs are brought to one scale before they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import ClassVar

from edgekit.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier
from edgekit.ir import Graph, Operation
from edgekit.ops.elementwise import Clamped, clamped, output_parameters, quantizations
from edgekit.ops.operator import KernelCall
from edgekit.ops.sum_lines import sum_line
from edgekit.ops.variants import slower

HEADROOM = 20
"""Both inputs are shifted left by so much before they are scaled; EK_ADD_HEADROOM."""


def output_scale_fits(graph: Graph, operation: Operation) -> bool:
    """Its output's scale is more than 2^-19 of the larger input scale."""
    return _factors(graph, operation)[2] < 1


def _factors(graph: Graph, operation: Operation) -> tuple[float, float, float]:
    """The real factors of the inputs and of the sum.

    Inputs are scaled to twice the larger of their scales, so that their sum cannot overflow.
    """
    first, second, target = quantizations(graph, operation)
    shared = 2 * max(first.scale, second.scale)
    return first.scale / shared, second.scale / shared, shared / ((1 << HEADROOM) * target.scale)


class ScaledSum(Clamped):
    """A sum of both inputs, the second times `sign`."""

    constraints = (*Clamped.constraints, output_scale_fits)
    sign: ClassVar[int]

    def scaling(self, graph: Graph, operation: Operation) -> dict[str, int]:
        """The parameters of ek_add_s8 besides its loops."""
        first, second, target = quantizations(graph, operation)
        found = {"first_offset": -first.zero_point, "second_offset": -second.zero_point}
        names = ("first", "second", "output")
        for name, real in zip(names, _factors(graph, operation), strict=True):
            multiplier, shift = quantize_multiplier(real)
            found |= {f"{name}_multiplier": multiplier, f"{name}_shift": shift}
        return found | output_parameters(operation, target)

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """By one line where there is one: ek_linear_sum_s8."""
        call = super().lower(graph, operation)
        if call.header != self.kernel:
            return call
        by = {key: value for key, value in call.parameters.items() if "." not in key}
        line = sum_line(by, self.sign)
        if line is None:
            return slower(call, "rounded seven times, as no line gives its bytes", 3)
        loops = {key: value for key, value in call.parameters.items() if "." in key}
        clamp = {key: by[key] for key in ("output_min", "output_max")}
        return replace(
            call,
            function="ek_linear_sum_s8",
            header="ek_linear_sum_s8.h",
            parameters={**loops, **asdict(line), **clamp},
        )

    def one(self, by: Mapping[str, int], first: int, second: int) -> int:
        """Each input scaled, then their sum."""
        total = _scaled(by, "first", first) + self.sign * _scaled(by, "second", second)
        scaled = multiply_by_quantized_multiplier(
            total, by["output_multiplier"], by["output_shift"]
        )
        return clamped(by, scaled)


def _scaled(by: Mapping[str, int], name: str, value: int) -> int:
    x = (value + by[f"{name}_offset"]) << HEADROOM
    return multiply_by_quantized_multiplier(x, by[f"{name}_multiplier"], by[f"{name}_shift"])
