"""What ops on two tensors have in common: how one shape is stretched over another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgekit.ir import Graph, Operation

MOST_AXES = 4
_MOST_DIMENSIONS = 6
"""What the kernels walk."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """Nested loops over an output: four extents, and each input's step per loop."""

    extents: Shape
    first_steps: Shape
    second_steps: Shape

    @property
    def parameters(self) -> dict[str, int]:
        """As ek_elementwise_s8.h names them."""
        named = (("", self.extents), ("first_", self.first_steps), ("second_", self.second_steps))
        return {
            f"loops.{prefix}{axis}": value
            for prefix, values in named
            for axis, value in zip("abcd", values, strict=True)
        }


def shapes_broadcast(graph: Graph, operation: Operation) -> bool:
    """Its inputs have at most six dimensions, stretch to its output's shape as in NumPy, and
    differ along at most four groups of axes."""
    first, second = (graph.tensor(number).shape for number in operation.inputs)
    if max(len(first), len(second)) > _MOST_DIMENSIONS:
        return False
    try:
        output = np.broadcast_shapes(first, second)
    except ValueError:
        return False
    if output != graph.tensor(operation.outputs[0]).shape:
        return False
    return len(_groups(first, second)) <= MOST_AXES


def walk(first: Shape, second: Shape) -> Walk:
    """The loops over two shapes that broadcast; the innermost is last."""
    groups = [(1, 1)] * MOST_AXES + _groups(first, second)
    groups = groups[-MOST_AXES:]
    return Walk(
        extents=tuple(max(pair) for pair in groups),
        first_steps=_steps([pair[0] for pair in groups]),
        second_steps=_steps([pair[1] for pair in groups]),
    )


def _groups(first: Shape, second: Shape) -> list[tuple[int, int]]:
    """Both shapes with neighbouring axes joined where both inputs treat them alike."""
    rank = max(len(first), len(second))
    pairs = zip(_extended(first, rank), _extended(second, rank), strict=True)
    groups: list[tuple[int, int]] = []
    for pair in pairs:
        if pair == (1, 1):
            continue
        if groups and _stretched(groups[-1]) == _stretched(pair):
            groups[-1] = (groups[-1][0] * pair[0], groups[-1][1] * pair[1])
        else:
            groups.append(pair)
    return groups


def _extended(shape: Shape, rank: int) -> Shape:
    return (1,) * (rank - len(shape)) + shape


def _stretched(pair: tuple[int, int]) -> tuple[bool, bool]:
    """Which of the two is stretched along this axis."""
    return pair[0] < pair[1], pair[1] < pair[0]


def _steps(extents: list[int]) -> Shape:
    """Values to pass per step of each loop; 0 where the input is stretched."""
    return tuple(
        0 if extent == 1 else math.prod(extents[axis + 1 :]) for axis, extent in enumerate(extents)
    )
