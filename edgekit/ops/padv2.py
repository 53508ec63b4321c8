"""PADV2: a constant around int8."""

from __future__ import annotations

from typing import Any

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import (
    counts,
    int8_per_tensor,
    is_int8_per_tensor,
    same_quantization,
    variable_input,
)
from edgekit.ops.operator import KernelCall, NoAttributes, Operator
from edgekit.ops.pad import KERNEL, constant_paddings, few_axes, padded


def constant_value(graph: Graph, operation: Operation) -> bool:
    """Its value is one constant int8 of its output's scale and zero point."""
    value, target = graph.tensor(operation.inputs[2]), graph.tensor(operation.outputs[0])
    if not value.constant or value.elements != 1 or not is_int8_per_tensor(value):
        return False
    assert value.quantization is not None
    assert target.quantization is not None
    return (value.quantization.scale, value.quantization.zero_point) == (
        target.quantization.scale,
        target.quantization.zero_point,
    )


class PadV2(Operator):
    """The op."""

    name = "PADV2"
    kernel = KERNEL
    constraints = (
        counts(3),
        int8_per_tensor,
        variable_input,
        same_quantization,
        constant_paddings,
        few_axes,
        constant_value,
    )

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: paddings and value are inputs."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_pad_s8."""
        value = graph.tensor(operation.inputs[2]).data
        assert value is not None
        return padded(graph, operation, int(value.reshape(-1)[0]))


OPERATOR = PadV2()
