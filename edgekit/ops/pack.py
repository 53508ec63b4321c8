"""PACK: any number of int8 tensors, stacked along a new axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from edgekit.ir import Graph, Operation
from edgekit.ops import moving
from edgekit.ops.forms import ANY_NUMBER, counts
from edgekit.ops.operator import KernelCall, Operator


@dataclass(frozen=True, slots=True)
class StackAttributes:
    """The axis of the stack, negative from the end, and how many tensors are in it."""

    axis: int
    count: int


def inputs_stack(graph: Graph, operation: Operation) -> bool:
    """Its axis exists in its output, whose extent there is the number of inputs, and its inputs
    have the output's shape without that axis."""
    return is_stack(graph, operation, operation.outputs[0], operation.inputs)


def is_stack(graph: Graph, operation: Operation, whole: int, items: tuple[int, ...]) -> bool:
    """Whether the tensors `items` are the slices of the tensor `whole`."""
    attributes: StackAttributes = operation.attributes
    shape = graph.tensor(whole).shape
    axis = moving.positive_axis(attributes.axis, len(shape))
    if axis is None or not shape[axis] == len(items) == attributes.count:
        return False
    item = (*shape[:axis], *shape[axis + 1 :])
    return all(graph.tensor(number).shape == item for number in items)


def slices(graph: Graph, operation: Operation, whole: int) -> list[moving.Cells]:
    """The views of the tensor `whole` that the tensors of a stack fill."""
    stack = np.moveaxis(moving.cells(graph.tensor(whole).shape), operation.attributes.axis, 0)
    # Without the dots, a slice of one axis would be a number and no view.
    return [stack[place, ...] for place in range(len(stack))]


class Pack(Operator):
    """The op; each input is copied into its slice of the output."""

    name = "PACK"
    kernel = moving.KERNEL
    options_table = "PackOptions"
    constraints = (counts(ANY_NUMBER), moving.alike(slice(None)), inputs_stack)

    def attributes(self, options: Any) -> StackAttributes:
        """Axis and count."""
        return StackAttributes(axis=options.axis, count=options.valuesCount)

    def lower(self, graph: Graph, operation: Operation) -> tuple[KernelCall, ...]:
        """One call of ek_move_s8 per input."""
        return moving.put_all(graph, operation, slices(graph, operation, operation.outputs[0]))


OPERATOR = Pack()
