"""MEAN: the mean over one axis, or over two neighbouring ones, of int8."""

from __future__ import annotations

from edgekit.fixedpoint import quantize_multiplier
from edgekit.ir import Graph, Operation
from edgekit.ops.forms import (
    counts,
    end_quantizations,
    int8_per_tensor,
    scales_are_near,
    variable_input,
)
from edgekit.ops.operator import KernelCall, TensorPointer
from edgekit.ops.reduction import Reducer, constant_axes, extents, output_shape

_LARGEST_COUNT = 1 << 20
"""255 * 2^20 stays below EK_SMALL_SUM of ek_requantize.h."""


def count_fits(graph: Graph, operation: Operation) -> bool:
    """Its mean is over 2^20 values or fewer."""
    return extents(graph, operation)[1] <= _LARGEST_COUNT


class Mean(Reducer):
    """The op. The division is part of the factor between the scales."""

    name = "MEAN"
    kernel = "ek_mean_s8.h"
    constraints = (
        counts(2),
        int8_per_tensor,
        variable_input,
        scales_are_near,
        constant_axes,
        output_shape,
        count_fits,
    )

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_mean_s8."""
        source, target = operation.inputs[0], operation.outputs[0]
        outer, count, inner = extents(graph, operation)
        parameters = {"outer": outer, "count": count, "inner": inner}
        parameters |= _rescaling(graph, operation, count)
        return KernelCall(
            function="ek_mean_s8",
            header=self.kernel,
            parameters=parameters,
            arguments=(TensorPointer(source), TensorPointer(target)),
        )


def _rescaling(graph: Graph, operation: Operation, count: int) -> dict[str, int]:
    """The factor input_scale / output_scale / count, cut as TFLite cuts it, and the offsets."""
    source, target = end_quantizations(graph, operation)
    multiplier, shift = quantize_multiplier(source.scale / target.scale)
    room = min(count.bit_length() - 1, 32, 31 + shift)
    return {
        "multiplier": (multiplier << room) // count,
        "shift": shift - room,
        "sum_offset": -source.zero_point * count,
        "output_offset": target.zero_point,
    }


OPERATOR = Mean()
