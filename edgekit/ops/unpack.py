"""UNPACK: the slices of int8 along an axis, each without that axis."""

from __future__ import annotations

from typing import Any

from edgekit.ir import Graph, Operation
from edgekit.ops import moving
from edgekit.ops.forms import ANY_NUMBER, counts
from edgekit.ops.operator import KernelCall, Operator
from edgekit.ops.pack import StackAttributes, is_stack, slices


def outputs_stack(graph: Graph, operation: Operation) -> bool:
    """Its axis exists in its input, whose extent there is the number of outputs, and its outputs
    have the input's shape without that axis."""
    return is_stack(graph, operation, operation.inputs[0], operation.outputs)


class Unpack(Operator):
    """The op; each output is copied from its slice of the input."""

    name = "UNPACK"
    kernel = moving.KERNEL
    options_table = "UnpackOptions"
    constraints = (counts(1, ANY_NUMBER), moving.alike(slice(None)), outputs_stack)

    def attributes(self, options: Any) -> StackAttributes:
        """Axis and count."""
        return StackAttributes(axis=options.axis, count=options.num)

    def lower(self, graph: Graph, operation: Operation) -> tuple[KernelCall, ...]:
        """One call of ek_move_s8 per output."""
        source = operation.inputs[0]
        return moving.take_all(source, operation, slices(graph, operation, source))


OPERATOR = Unpack()
