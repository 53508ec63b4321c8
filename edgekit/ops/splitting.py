"""What SPLIT and SPLIT_V have in common: int8 outputs that are neighbours along an axis."""

from __future__ import annotations

from typing import Any, ClassVar

from edgekit.ir import Graph, Operation, Tensor
from edgekit.ops import moving
from edgekit.ops.forms import constant_integers
from edgekit.ops.operator import Constraint, KernelCall, NoAttributes, Operator


class Splitting(Operator):
    """Each output is copied from its part of the data.

    The outputs' shapes say where they part, so that sizes, which may hold a -1, are not read.
    """

    kernel = moving.KERNEL
    data: ClassVar[int]
    """Which input is split."""
    axis: ClassVar[int]
    """Which input is the axis."""

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the number of outputs is known."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> tuple[KernelCall, ...]:
        """One call of ek_move_s8 per output."""
        source = operation.inputs[self.data]
        whole = graph.tensor(source).shape
        axis = axis_of(graph.tensor(operation.inputs[self.axis]), len(whole))
        assert axis is not None
        shapes = [graph.tensor(number).shape for number in operation.outputs]
        return moving.take_all(source, operation, moving.parts(whole, axis, shapes))


def axis_of(tensor: Tensor, rank: int) -> int | None:
    """The axis that a constant names; None where it names none."""
    found = constant_integers(tensor)
    return moving.positive_axis(found[0], rank) if found and len(found) == 1 else None


def outputs_fill(data: int, axis: int) -> Constraint:
    """A constraint on the outputs; the arguments say which input is which."""

    def outputs_fill_the_input(graph: Graph, operation: Operation) -> bool:
        """Its axis is one constant that exists in its input, and its outputs have the input's shape
        but for the axis, where their extents add up."""
        whole = graph.tensor(operation.inputs[data]).shape
        found = axis_of(graph.tensor(operation.inputs[axis]), len(whole))
        shapes = [graph.tensor(number).shape for number in operation.outputs]
        return found is not None and moving.fill(whole, found, shapes)

    return outputs_fill_the_input
