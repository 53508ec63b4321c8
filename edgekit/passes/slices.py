"""SPLITs and slices whose results are pieces of memory, so that they need not be copied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgekit.ir import Graph, Operation
from edgekit.ops.reshape import ReshapeAttributes
from edgekit.passes.moves import Move, moves_of
from edgekit.passes.rewriting import with_operations

_SLICERS = ("SPLIT", "SPLIT_V", "SLICE", "STRIDED_SLICE", "UNPACK", "GATHER")
_ALIGNMENT = 4
"""Kernels may use whole words from the start of a tensor."""


def name_slices(graph: Graph) -> Graph:
    """Gives slices that are one piece of memory a name in place of a copy.

    Proof: every place of the output gets the place of the input so many bytes further on; values
    are never changed once they are made.
    """
    found: list[Operation] = []
    for operation in graph.operations:
        found += _named(graph, operation) or [operation]
    return with_operations(graph, found)


def _named(graph: Graph, operation: Operation) -> list[Operation] | None:
    """A RESHAPE for each output; None where any of them must be copied."""
    moves = moves_of(graph, operation) if operation.op in _SLICERS else None
    if not moves or not all(_is_piece(graph, move) for move in moves):
        return None
    return [
        replace(
            operation,
            op="RESHAPE",
            inputs=(move.taken,),
            outputs=(move.put,),
            attributes=ReshapeAttributes(int(move.source[0])),
        )
        for move in moves
        if move.taken is not None
    ]


def _is_piece(graph: Graph, move: Move) -> bool:
    if move.taken is None or move.put in graph.outputs:
        return False
    places = np.empty(len(move.target), np.int64)
    places[move.target] = move.source
    start = int(places[0])
    return start % _ALIGNMENT == 0 and np.array_equal(places, start + np.arange(len(places)))
