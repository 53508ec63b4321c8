"""The order of ops that read a value last."""

from __future__ import annotations

from edgekit.ir import Graph, Operation
from edgekit.passes.memory import Memory
from edgekit.passes.rewriting import with_operations


def free_early(graph: Graph) -> Graph:
    """Runs the last reader of a value right behind the others, where it makes something smaller.

    The value's memory is free from then on: the last of two branches often begins with an op that
    halves the image, and the image need not wait for the whole first branch. Ops that do not read
    each other's results change no value by changing places.
    """
    memory = Memory(graph)
    for operation in graph.operations:
        memory = _hoisted(memory, operation)
    return memory.graph


def _hoisted(memory: Memory, operation: Operation) -> Memory:
    """With one operation earlier; the same where that would not lower any peak."""
    order = memory.graph.operations
    place = next(n for n, found in enumerate(order) if found is operation)
    ends = memory.ends_with(place)
    needed = ends | memory.wholes(operation.inputs)
    first = 1 + max((memory.last_use(number, place) for number in needed), default=-1)
    begins = {n for n in memory.wholes(operation.outputs) if memory.last_use(n, first) < 0}
    if memory.bytes_of(ends) <= memory.bytes_of(begins):
        return memory
    order = (*order[:first], operation, *order[first:place], *order[place + 1 :])
    found, span = Memory(with_operations(memory.graph, order)), slice(first, place + 1)
    return found if max(found.alive[span]) <= max(memory.alive[span]) else memory
