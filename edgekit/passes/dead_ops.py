"""Operations whose results nobody uses."""

from __future__ import annotations

from edgekit.ir import Graph
from edgekit.passes.rewriting import with_operations


def remove_dead_ops(graph: Graph) -> Graph:
    """Leaves out operations from which no way leads to a result.

    The others read none of their values, so nothing else changes.
    """
    wanted = set(graph.outputs)
    kept = []
    for operation in reversed(graph.operations):
        if wanted.intersection(operation.outputs):
            wanted.update(operation.inputs)
            kept.append(operation)
    return with_operations(graph, reversed(kept))
