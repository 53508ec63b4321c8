"""CONCATENATIONs whose parts are written where they belong, so that nothing is copied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from edgekit.ir import Graph, Operation
from edgekit.ops import operators
from edgekit.passes.moves import Move, moves_of
from edgekit.passes.rewriting import only_reader, producers, with_operations

_ALIGNMENT = 4
"""Kernels may use whole words from the start of a tensor; those of `_STRIDED` write bytes."""
_STRIDED = ("CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D")
"""Ops that can leave room between output pixels."""


def place_parts(graph: Graph) -> Graph:
    """Lets ops write their results straight into the CONCATENATION that alone reads them.

    Proof: a part's values lie in the whole at even distances, one pixel after another, and nobody
    else writes them there, or reads them where others lie between; the op writes each value once,
    and reads none of its results.
    """
    made = producers(graph)
    changed: dict[int, Operation] = {}
    placed_before: set[int] = set()
    for join in graph.operations:
        if join.op != "CONCATENATION":
            continue
        moves = moves_of(graph, join)
        assert moves is not None
        placed = []
        for place, move in enumerate(moves):
            part = join.inputs[place]
            maker = _maker(graph, move, made) if join.inputs.count(part) == 1 else None
            if maker is not None and part not in placed_before:
                placed.append(place)
                placed_before.add(part)
                if not _is_run(move):
                    changed[id(maker)] = _strided(graph, maker, move)
        attributes = replace(join.attributes, placed=tuple(placed))
        changed[id(join)] = replace(join, attributes=attributes)
    operations = (changed.get(id(found), found) for found in graph.operations)
    return with_operations(graph, operations) if changed else graph


def _maker(graph: Graph, move: Move, made: dict[int, Operation]) -> Operation | None:
    """The op that can write a part into the whole; None where it must be copied."""
    if move.taken is None or move.taken in graph.outputs:
        return None
    maker = made.get(move.taken)
    if maker is None or len(maker.outputs) != 1 or not operators()[maker.op].calls(graph, maker):
        return None
    if _is_run(move) and move.target[0] % _ALIGNMENT == 0:
        return maker
    strided = maker.op in _STRIDED and _pixels_apart(graph, move)
    return maker if strided and only_reader(graph, move.taken) is not None else None


def _is_run(move: Move) -> bool:
    """Whether the part is one piece of the whole."""
    return int(move.target[-1] - move.target[0]) == len(move.target) - 1


def _pixels_apart(graph: Graph, move: Move) -> bool:
    """Whether each pixel of the part is one piece of a pixel of the whole."""
    assert move.taken is not None
    pixel, wide = (graph.tensor(number).shape[-1] for number in (move.taken, move.put))
    pixels = np.arange(len(move.target) // pixel)[:, None] * wide
    return np.array_equal(move.target, (pixels + np.arange(pixel)).ravel() + move.target[0])


def _strided(graph: Graph, maker: Operation, move: Move) -> Operation:
    attributes: Any = maker.attributes
    wide = graph.tensor(move.put).shape[-1]
    return replace(maker, attributes=replace(attributes, out_stride=wide))
