"""REDUCE_MAX: the largest value along one axis, or two neighbouring ones, of int8."""

from __future__ import annotations

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import counts, int8_per_tensor, same_quantization, variable_input
from edgekit.ops.operator import KernelCall, TensorPointer
from edgekit.ops.reduction import Reducer, constant_axes, extents, output_shape

_LARGEST_COUNT = 1 << 23


def count_fits(graph: Graph, operation: Operation) -> bool:
    """It looks at 2^23 values or fewer for each output."""
    return extents(graph, operation)[1] <= _LARGEST_COUNT


class ReduceMax(Reducer):
    """The op, as a max pool: one row of windows, each as wide as the axes."""

    name = "REDUCE_MAX"
    kernel = "ek_max_pool_2d_s8.h"
    constraints = (
        counts(2),
        int8_per_tensor,
        variable_input,
        same_quantization,
        constant_axes,
        output_shape,
        count_fits,
    )

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_max_pool_2d_s8."""
        outer, count, inner = extents(graph, operation)
        parameters = {
            **{"in_h": outer, "in_w": count, "ch": inner, "out_h": outer, "out_w": 1},
            **{"window_h": 1, "window_w": count, "stride_h": 1, "stride_w": 1},
            **{"pad_h": 0, "pad_w": 0, "out_stride": inner},
            **{"output_min": -128, "output_max": 127},
        }
        return KernelCall(
            function="ek_max_pool_2d_s8",
            header=self.kernel,
            parameters=parameters,
            arguments=(TensorPointer(operation.inputs[0]), TensorPointer(operation.outputs[0])),
        )


OPERATOR = ReduceMax()
