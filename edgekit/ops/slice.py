"""SLICE: neighbours along each axis of int8."""

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


def slice_fits(graph: Graph, operation: Operation) -> bool:
    """Its begins and sizes are constant, one per axis, and lie within its input (size -1: to the
    end), and its output has that shape."""
    taken = _taken(graph, operation)
    return taken is not None and taken.shape == graph.tensor(operation.outputs[0]).shape


def _taken(graph: Graph, operation: Operation) -> moving.Cells | None:
    """The view of the input that is taken; None where that is not known or not there."""
    shape = graph.tensor(operation.inputs[0]).shape
    begins, sizes = (constant_integers(graph.tensor(n)) for n in operation.inputs[1:])
    if begins is None or sizes is None or not len(begins) == len(sizes) == len(shape):
        return None
    triples = list(zip(shape, begins, sizes, strict=True))
    if not all(begin >= 0 and -1 <= size <= extent - begin for extent, begin, size in triples):
        return None
    ends = [extent if size == -1 else begin + size for extent, begin, size in triples]
    return moving.cells(shape)[tuple(map(slice, begins, ends))]


class Slice(Operator):
    """The op."""

    name = "SLICE"
    kernel = moving.KERNEL
    constraints = (
        counts(3),
        int8_per_tensor,
        variable_input,
        same_quantization,
        moving.few_axes,
        slice_fits,
    )

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: begins and sizes are inputs."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_move_s8."""
        taken = _taken(graph, operation)
        assert taken is not None
        source, target = TensorPointer(operation.inputs[0]), TensorPointer(operation.outputs[0])
        return moving.move(source, taken, target, moving.cells(taken.shape))


OPERATOR = Slice()
