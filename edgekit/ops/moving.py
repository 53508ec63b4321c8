"""What ops have in common that only move values.

Where values come from and go to is said by NumPy views: `cells` of a tensor's shape, then sliced,
split, transposed. A view's strides are the steps of the kernel's loops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import is_int8_per_tensor
from edgekit.ops.operator import Constant, Constraint, KernelCall, TensorPointer

KERNEL = "ek_move_s8.h"
MOST_AXES = 5
"""What the kernel walks."""

Shape = tuple[int, ...]
Cells = npt.NDArray[np.int8]


def cells(shape: Shape) -> Cells:
    """A tensor's places; what lies in them is of no account."""
    return np.empty(shape, np.int8)


def few_axes(graph: Graph, operation: Operation) -> bool:
    """Its input has at most five dimensions."""
    return len(graph.tensor(operation.inputs[0]).shape) <= MOST_AXES


def positive_axis(axis: int, rank: int) -> int | None:
    """An axis, given from the start or negative from the end; None for one that is not there."""
    axis = axis + rank if axis < 0 else axis
    return axis if 0 <= axis < rank else None


def move(
    source: TensorPointer | Constant, taken: Cells, target: TensorPointer, put: Cells
) -> KernelCall:
    """One call of ek_move_s8: what lies in `taken`, a view of the source's cells, goes to `put`,
    a view of the target's of the same shape."""
    loops = _loops(taken, put) or [_Loop(1, 1, 1)]
    named = list(zip("abcde"[-len(loops) :], loops, strict=True))
    return KernelCall(
        function="ek_move_s8",
        header=KERNEL,
        parameters={
            **{name: loop.extent for name, loop in named},
            "in_start": start(taken),
            **{f"in_{name}": loop.source for name, loop in named},
            "out_start": start(put),
            **{f"out_{name}": loop.target for name, loop in named},
        },
        arguments=(source, target),
    )


def loop_count(taken: Cells, put: Cells) -> int:
    """How many loops `move` would need; the kernel has `MOST_AXES`."""
    return len(_loops(taken, put))


def start(view: Cells) -> int:
    """Where in the cells the view's first value lies."""
    return 0 if view.base is None else int(view.ctypes.data - view.base.ctypes.data)


@dataclass(frozen=True, slots=True)
class _Loop:
    """How many values, and how far apart they lie in the source and in the target."""

    extent: int
    source: int
    target: int

    def goes_on_after(self, inner: _Loop) -> bool:
        """Whether its step leads to where the inner loop ends, on both sides."""
        ends = inner.source * inner.extent, inner.target * inner.extent
        return (self.source, self.target) == ends


def _loops(taken: Cells, put: Cells) -> list[_Loop]:
    """The loops over both views, as few as can be; the innermost is last."""
    joined: list[_Loop] = []
    for axis in zip(put.shape, taken.strides, put.strides, strict=True):
        loop = _Loop(*axis)
        if loop.extent == 1:
            continue
        if joined and joined[-1].goes_on_after(loop):
            joined[-1] = _Loop(joined[-1].extent * loop.extent, loop.source, loop.target)
        else:
            joined.append(loop)
    return joined


def fill(whole: Shape, axis: int, shapes: Sequence[Shape]) -> bool:
    """Whether tensors of those shapes, one behind the other along the axis, make up the whole."""
    if any(len(shape) != len(whole) for shape in shapes):
        return False
    rests = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    length = sum(shape[axis] for shape in shapes)
    return length == whole[axis] and rests == {(*whole[:axis], *whole[axis + 1 :])}


def parts(whole: Shape, axis: int, shapes: Sequence[Shape]) -> list[Cells]:
    """The views that tensors of those shapes fill."""
    ends = np.cumsum([shape[axis] for shape in shapes])
    return np.split(cells(whole), ends[:-1], axis)


def put_all(graph: Graph, operation: Operation, views: Sequence[Cells]) -> tuple[KernelCall, ...]:
    """Each input goes to its view of the output."""
    target = TensorPointer(operation.outputs[0])
    return tuple(
        move(_source(graph, number, f"input_{place}"), cells(view.shape), target, view)
        for place, (number, view) in enumerate(zip(operation.inputs, views, strict=True))
    )


def _source(graph: Graph, number: int, role: str) -> TensorPointer | Constant:
    data = graph.tensor(number).data
    return TensorPointer(number) if data is None else Constant(role, data)


def take_all(source: int, operation: Operation, views: Sequence[Cells]) -> tuple[KernelCall, ...]:
    """Each output takes its view of the tensor `source`."""
    return tuple(
        move(TensorPointer(source), view, TensorPointer(number), cells(view.shape))
        for number, view in zip(operation.outputs, views, strict=True)
    )


def alike(inputs: slice) -> Constraint:
    """A constraint on those inputs and on all outputs: their values mean the same."""

    def has_one_quantization(graph: Graph, operation: Operation) -> bool:
        """Its data, in and out, are int8 with the same scale and zero point, and not all of its
        input is constant."""
        numbers = operation.inputs[inputs]
        if min(numbers) < 0 or all(graph.tensor(number).constant for number in numbers):
            return False
        tensors = [graph.tensor(number) for number in (*numbers, *operation.outputs)]
        if not all(is_int8_per_tensor(tensor) for tensor in tensors):
            return False
        found = [tensor.quantization for tensor in tensors]
        return len({(q.scale, q.zero_point) for q in found if q is not None}) == 1

    return has_one_quantization
