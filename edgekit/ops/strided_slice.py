"""STRIDED_SLICE: every n-th value along each axis of int8, forwards or backwards."""

from __future__ import annotations

from dataclasses import dataclass
from types import EllipsisType
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
from edgekit.ops.operator import KernelCall, Operator, TensorPointer


@dataclass(frozen=True, slots=True)
class StridedSliceAttributes:
    """Masks of one bit per entry of begin, end and strides, entry 0 in the lowest."""

    begin: int
    end: int
    ellipsis: int
    new_axis: int
    shrink_axis: int
    offset: bool
    """Whether an end counts from its begin."""


def absolute_ends(_graph: Graph, operation: Operation) -> bool:
    """Its ends do not count from its begins."""
    return not operation.attributes.offset


def slices_fit(graph: Graph, operation: Operation) -> bool:
    """Its begins, ends and strides are constant, say what is there, as in NumPy, and its output
    has that shape; the stride of an axis that is left out is positive, and dots stand for an axis
    or more."""
    taken = _taken(graph, operation)
    return taken is not None and taken.shape == graph.tensor(operation.outputs[0]).shape


def _taken(graph: Graph, operation: Operation) -> moving.Cells | None:
    """The view of the input that is taken; None where that is not known or not there."""
    constants = [constant_integers(graph.tensor(number)) for number in operation.inputs[1:]]
    found = [values for values in constants if values is not None]
    if len(found) < 3 or len({len(values) for values in found}) != 1:
        return None
    entries = enumerate(zip(*found, strict=True))
    whole = moving.cells(graph.tensor(operation.inputs[0]).shape)
    try:
        index = [_index(operation.attributes, 1 << place, *entry) for place, entry in entries]
        if Ellipsis not in index:
            # A view, even of a single value, needs dots in its index.
            index.append(Ellipsis)
        elif whole.ndim < sum(entry is not None for entry in index):
            return None  # Dots for no axis: LiteRT takes one all the same.
        return whole[tuple(index)]
    except (IndexError, ValueError):
        return None


def _index(
    masks: StridedSliceAttributes, bit: int, begin: int, end: int, stride: int
) -> slice | int | EllipsisType | None:
    """One entry as NumPy has it. Raises `ValueError` for a stride that leads nowhere."""
    if masks.ellipsis & bit:
        return Ellipsis
    if masks.new_axis & bit:
        return None
    first = None if masks.begin & bit else begin
    if not masks.shrink_axis & bit:
        return slice(first, None if masks.end & bit else end, stride)
    if stride <= 0:
        raise ValueError(stride)
    return first or 0


class StridedSlice(Operator):
    """The op.

    New axes, and dots that stand for several axes, are more than TensorFlow Lite Micro takes.
    """

    name = "STRIDED_SLICE"
    kernel = moving.KERNEL
    options_table = "StridedSliceOptions"
    constraints = (
        counts(4),
        int8_per_tensor,
        variable_input,
        same_quantization,
        moving.few_axes,
        absolute_ends,
        slices_fit,
    )

    def attributes(self, options: Any) -> StridedSliceAttributes:
        """The masks."""
        return StridedSliceAttributes(
            begin=options.beginMask,
            end=options.endMask,
            ellipsis=options.ellipsisMask,
            new_axis=options.newAxisMask,
            shrink_axis=options.shrinkAxisMask,
            offset=options.offset,
        )

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_move_s8."""
        taken = _taken(graph, operation)
        assert taken is not None
        source, target = TensorPointer(operation.inputs[0]), TensorPointer(operation.outputs[0])
        return moving.move(source, taken, target, moving.cells(taken.shape))


OPERATOR = StridedSlice()
