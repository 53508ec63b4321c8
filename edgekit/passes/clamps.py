"""Clamps that stand by themselves: RELU, RELU6, MINIMUM and MAXIMUM with a constant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edgekit.ir import Graph, Operation
from edgekit.ops.attributes import Limits
from edgekit.ops.reshape import ReshapeAttributes
from edgekit.passes.moves import moves_of
from edgekit.passes.ranges import ranges
from edgekit.passes.rewriting import only_reader, producers, with_operations
from edgekit.passes.tables import clamp_of, table_of


def fold_clamps(graph: Graph) -> Graph:
    """Moves clamps into the output clamps of the ops before them.

    Proof: an op counts as a clamp when the table that it is compiled to is one, for every value
    that its input can hold. The op before ends with a clamp of its own, and two clamps in a row
    are one (`Limits.then`). A clamp commutes with ops that only move values, since it takes each
    value by itself. Nobody else reads the values that change.
    """
    for operation in graph.operations:
        graph = _folded(graph, operation)
    return graph


def _folded(graph: Graph, operation: Operation) -> Graph:
    table = table_of(graph, operation)
    if table is None:
        return graph
    source, values = table
    clamp = clamp_of(values, ranges(graph)[source])
    makers = _makers(graph, source, producers(graph)) if clamp else None
    if clamp is None or makers is None:
        return graph
    changed = {id(maker): _limited(maker, clamp) for maker in makers}
    changed[id(operation)] = replace(
        operation, op="RESHAPE", inputs=(source,), attributes=ReshapeAttributes()
    )
    return with_operations(graph, (changed.get(id(found), found) for found in graph.operations))


def _makers(graph: Graph, number: int, made: Mapping[int, Operation]) -> list[Operation] | None:
    """The ops whose clamped outputs are all that a value consists of; None where other values are
    in it, or where others read it."""
    maker = made.get(number)
    if maker is None or len(maker.outputs) != 1 or only_reader(graph, number) is None:
        return None
    if hasattr(maker.attributes, "limits"):
        return [maker] if table_of(graph, maker) is None else None
    if moves_of(graph, maker) is None:
        return None
    found: list[Operation] = []
    for part in dict.fromkeys(maker.inputs):
        if graph.tensor(part).dtype is not graph.tensor(number).dtype:
            continue  # an axis, a shape
        makers = _makers(graph, part, made)
        if makers is None:
            return None
        found += makers
    return found


def _limited(maker: Operation, clamp: Limits) -> Operation:
    limits = maker.attributes.limits.then(clamp)
    return replace(maker, attributes=replace(maker.attributes, limits=limits))
