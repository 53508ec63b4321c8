"""The order of ops whose results lie in one piece of memory."""

from __future__ import annotations

from collections.abc import Sequence

from edgekit.ir import Graph, Operation
from edgekit.passes.rewriting import producers, with_operations


def delay_parts(graph: Graph) -> Graph:
    """Makes the parts of a CONCATENATION one right after the other, where that needs less memory.

    All of it is taken when its first part is written. What is left to be made until the last part
    then runs beside the whole; with the first parts made later, beside what they read. Nobody but
    the CONCATENATION reads them, and the order of ops that do not read each other's results changes
    no value.
    """
    for join in graph.operations:
        if join.op == "CONCATENATION":
            graph = _delayed(graph, join)
    return graph


def _delayed(graph: Graph, join: Operation) -> Graph:
    """The first part right before the second, then both right before the third, and so on."""
    made = producers(graph)
    order = {id(operation): place for place, operation in enumerate(graph.operations)}
    makers = [made[join.inputs[place]] for place in join.attributes.placed]
    makers.sort(key=lambda maker: order[id(maker)])
    for count in range(1, len(makers)):
        found = _together(graph, makers[:count], makers[count], graph.tensor(join.outputs[0]).bytes)
        if found is None:
            break
        graph = found
    return graph


def _together(
    graph: Graph, early: Sequence[Operation], last: Operation, whole_bytes: int
) -> Graph | None:
    """The graph with the early makers right before the last; None where they read too much."""
    moved = {id(maker) for maker in early}
    place = next(n for n, operation in enumerate(graph.operations) if operation is last)
    if _kept(graph, early, graph.operations[place:]) >= whole_bytes:
        return None
    before = [found for found in graph.operations[:place] if id(found) not in moved]
    return with_operations(graph, (*before, *early, *graph.operations[place:]))


def _kept(graph: Graph, early: Sequence[Operation], after: Sequence[Operation]) -> int:
    """Bytes of what the early makers read and nobody reads later."""
    later = {number for operation in after for number in operation.inputs}
    read = {number for maker in early for number in maker.inputs if number >= 0}
    values = [graph.tensor(number) for number in read - later]
    return sum(value.bytes for value in values if not value.constant)
