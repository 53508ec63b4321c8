"""TRANSPOSE: int8 with its axes in another order."""

from __future__ import annotations

from typing import Any

from edgekit.ir import Graph, Operation
from edgekit.ops import moving
from edgekit.ops.forms import (
    constant_integers,
    counts,
    int8_per_tensor,
    same_quantization,
    variable_input,
)
from edgekit.ops.operator import KernelCall, NoAttributes, Operator, TensorPointer


def permutation_fits(graph: Graph, operation: Operation) -> bool:
    """Its permutation is constant and names each axis of its input once, none from the end, and
    its output has that shape."""
    shape = graph.tensor(operation.inputs[0]).shape
    order = constant_integers(graph.tensor(operation.inputs[1]))
    if order is None or sorted(order) != list(range(len(shape))):
        return False
    return graph.tensor(operation.outputs[0]).shape == tuple(shape[axis] for axis in order)


class Transpose(Operator):
    """The op; axes that stay together move as one."""

    name = "TRANSPOSE"
    kernel = moving.KERNEL
    constraints = (
        counts(2),
        int8_per_tensor,
        variable_input,
        same_quantization,
        moving.few_axes,
        permutation_fits,
    )

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the permutation is an input."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_move_s8."""
        source, target = operation.inputs[0], operation.outputs[0]
        order = constant_integers(graph.tensor(operation.inputs[1]))
        assert order is not None
        taken = moving.cells(graph.tensor(source).shape).transpose(order)
        put = moving.cells(graph.tensor(target).shape)
        return moving.move(TensorPointer(source), taken, TensorPointer(target), put)


OPERATOR = Transpose()
