"""The order of ops that read a value last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edgekit.ir import Graph, Operation
from edgekit.ops.views import outermost_views
from edgekit.passes.rewriting import with_operations


def free_early(graph: Graph) -> Graph:
    """Runs the last reader of a value right behind the others, where it makes something smaller.

    The value's memory is free from then on: the last of two branches often begins with an op that
    halves the image, and the image need not wait for the whole first branch. Ops that do not read
    each other's results change no value by changing places.
    """
    for operation in graph.operations:
        graph = _hoisted(graph, operation)
    return graph


def _hoisted(graph: Graph, operation: Operation) -> Graph:
    """The graph with one operation earlier; the same where that would not lower any peak."""
    memory = _Memory(graph)
    place = next(n for n, found in enumerate(graph.operations) if found is operation)
    ends = memory.ends_with(place)
    needed = ends | memory.wholes(operation.inputs)
    first = 1 + max((memory.last_touch(number, place) for number in needed), default=-1)
    begins = {n for n in memory.wholes(operation.outputs) if memory.last_touch(n, first) < 0}
    if memory.bytes_of(ends) <= memory.bytes_of(begins):
        return graph
    others = graph.operations
    order = (*others[:first], operation, *others[first:place], *others[place + 1 :])
    found = with_operations(graph, order)
    span = slice(first, place + 1)
    return found if max(_Memory(found).alive[span]) <= max(memory.alive[span]) else graph


@dataclass(frozen=True, slots=True)
class _Life:
    """From which operation to which a value's memory is in use, by their places."""

    first: int
    last: int


class _Memory:
    """When which memory is in use, without regard for ops that work in place."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._views = graph, outermost_views(graph)
        self._touched = [self.wholes((*op.inputs, *op.outputs)) for op in graph.operations]
        self._lives = self._found_lives()

    def wholes(self, numbers: Iterable[int]) -> set[int]:
        """The values that are memory of their own and that these lie in."""
        variables = (n for n in numbers if n >= 0 and not self._graph.tensor(n).constant)
        return {self._views[n].whole if n in self._views else n for n in variables}

    def bytes_of(self, numbers: Iterable[int]) -> int:
        """The memory of some values."""
        return sum(self._graph.tensor(number).bytes for number in numbers)

    def ends_with(self, place: int) -> set[int]:
        """The values that no later operation needs."""
        return {n for n in self._touched[place] if self._lives[n].last == place}

    def last_touch(self, number: int, before: int) -> int:
        """The last operation before a place that makes or reads a value; -1: none."""
        return max((n for n in range(before) if number in self._touched[n]), default=-1)

    @property
    def alive(self) -> Sequence[int]:
        """The bytes in use at each place."""
        changes = [0] * (len(self._touched) + 1)
        for number, life in self._lives.items():
            changes[life.first] += self._graph.tensor(number).bytes
            changes[life.last + 1] -= self._graph.tensor(number).bytes
        sums = [0]
        for change in changes[:-1]:
            sums.append(sums[-1] + change)
        return sums[1:]

    def _found_lives(self) -> dict[int, _Life]:
        end = len(self._touched) - 1
        found = {number: _Life(0, 0) for number in self.wholes(self._graph.inputs)}
        for place, numbers in enumerate(self._touched):
            for number in numbers:
                found[number] = _Life(found.get(number, _Life(place, place)).first, place)
        for number in self.wholes(self._graph.outputs):
            found[number] = _Life(found.get(number, _Life(0, 0)).first, end)
        return found
