"""What MEAN and REDUCE_MAX have in common: one axis, or two neighbouring ones, become one value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from edgekit.ir import DType, Graph, Operation
from edgekit.ops.operator import Operator

_MOST_AXES = 2
"""TensorFlow Lite Micro has room for no more."""


@dataclass(frozen=True, slots=True)
class ReducerAttributes:
    """Whether the axes stay, with extent 1."""

    keep_dims: bool


class Reducer(Operator):
    """An op with constant axes for its second input."""

    options_table = "ReducerOptions"

    def attributes(self, options: Any) -> ReducerAttributes:
        """Whether the axes stay."""
        return ReducerAttributes(keep_dims=bool(options.keepDims))


def constant_axes(graph: Graph, operation: Operation) -> bool:
    """Its axes are constant int32, one or two, neighbours, and exist in the input."""
    axes = graph.tensor(operation.inputs[1])
    if not axes.constant or axes.dtype is not DType.INT32:
        return False
    rank = len(graph.tensor(operation.inputs[0]).shape)
    found = _axes(graph, operation)
    inside = all(0 <= axis < rank for axis in found)
    return inside and 1 <= len(found) <= _MOST_AXES and found[-1] - found[0] == len(found) - 1


def output_shape(graph: Graph, operation: Operation) -> bool:
    """Its output has the input's shape with the axes 1 (keep_dims) or left out."""
    shape, axes = graph.tensor(operation.inputs[0]).shape, _axes(graph, operation)
    kept = [1 if axis in axes else extent for axis, extent in enumerate(shape)]
    if not operation.attributes.keep_dims:
        kept = [extent for axis, extent in enumerate(kept) if axis not in axes]
    return graph.tensor(operation.outputs[0]).shape == tuple(kept)


def extents(graph: Graph, operation: Operation) -> tuple[int, int, int]:
    """How many values lie before the axes, along them, and behind them."""
    shape, axes = graph.tensor(operation.inputs[0]).shape, _axes(graph, operation)
    first, end = axes[0], axes[-1] + 1
    return math.prod(shape[:first]), math.prod(shape[first:end]), math.prod(shape[end:])


def _axes(graph: Graph, operation: Operation) -> list[int]:
    """The axes in order, each once, counted from the front."""
    rank = len(graph.tensor(operation.inputs[0]).shape)
    data = graph.tensor(operation.inputs[1]).data
    assert data is not None
    return sorted({int(axis) + (rank if axis < 0 else 0) for axis in data.ravel()})
