"""TILE: int8 several times over along its axes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

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


def multiples_fit(graph: Graph, operation: Operation) -> bool:
    """Its multiples are constant, one per axis of its input and at least 1, that of the first axis,
    the batch, 1; and its output is as many times as large."""
    shape = graph.tensor(operation.inputs[0]).shape
    times = constant_integers(graph.tensor(operation.inputs[1]))
    if not times or len(times) != len(shape) or times[0] != 1 or min(times) < 1:
        return False
    expected = tuple(extent * count for extent, count in zip(shape, times, strict=True))
    return graph.tensor(operation.outputs[0]).shape == expected


class Tile(Operator):
    """The op. A pass leaves it out where all multiples are 1."""

    name = "TILE"
    in_tflm = False
    kernel = moving.KERNEL
    constraints = (
        counts(2),
        int8_per_tensor,
        variable_input,
        same_quantization,
        moving.few_axes,
        multiples_fit,
    )

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the multiples are an input."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> tuple[KernelCall, ...]:
        """One call of ek_move_s8, several where it has too few loops."""
        source, target = operation.inputs[0], operation.outputs[0]
        return tuple(
            moving.move(TensorPointer(source), taken, TensorPointer(target), put)
            for taken, put in _pieces(*_views(graph, operation))
        )


def _views(graph: Graph, operation: Operation) -> tuple[moving.Cells, moving.Cells]:
    """What is taken and where it is put, [times, extent] of each axis: a step of 0 bytes leads
    from one copy to the next."""
    shape = graph.tensor(operation.inputs[0]).shape
    times = constant_integers(graph.tensor(operation.inputs[1]))
    assert times is not None
    apart = tuple(size for pair in zip(times, shape, strict=True) for size in pair)
    once = tuple(size for extent in shape for size in (1, extent))
    put = moving.cells(graph.tensor(operation.outputs[0]).shape)
    return np.broadcast_to(moving.cells(shape).reshape(once), apart), put.reshape(apart)


def _pieces(taken: moving.Cells, put: moving.Cells) -> Iterator[tuple[moving.Cells, moving.Cells]]:
    """The views cut, along their shortest axes, into as few as the kernel has loops for."""
    if moving.loop_count(taken, put) <= moving.MOST_AXES:
        yield taken, put
        return
    axis = min((n for n, size in enumerate(put.shape) if size > 1), key=put.shape.__getitem__)
    for place in range(put.shape[axis]):
        here = (slice(None),) * axis + (place,)
        yield from _pieces(taken[here], put[here])


OPERATOR = Tile()
