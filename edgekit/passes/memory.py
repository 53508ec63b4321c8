"""What memory an order of operations takes, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from edgekit.ir import Graph
from edgekit.ops.lives import lives
from edgekit.ops.views import outermost_views


class Memory:
    """Which values are in memory at which operation, by its place; as if no op worked in place
    and none had memory of its own."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self._views = graph, outermost_views(graph)
        used = [(*operation.inputs, *operation.outputs) for operation in graph.operations]
        self._used = [self.wholes(numbers) for numbers in used]
        self.lives = lives(graph, used)

    def wholes(self, numbers: Iterable[int]) -> set[int]:
        """The values that these are parts of, or themselves where they are no part."""
        variables = (n for n in numbers if n >= 0 and not self.graph.tensor(n).constant)
        return {self._views[n].whole if n in self._views else n for n in variables}

    def bytes_of(self, numbers: Iterable[int]) -> int:
        """The memory of some values."""
        return sum(self.graph.tensor(number).bytes for number in numbers)

    def ends_with(self, place: int) -> set[int]:
        """The values that no later operation needs."""
        return {n for n in self._used[place] if self.lives[n].last == place}

    def last_use(self, number: int, before: int) -> int:
        """The last operation before a place that makes or reads a value; -1: none."""
        return max((n for n in range(before) if number in self._used[n]), default=-1)

    @cached_property
    def alive(self) -> Sequence[int]:
        """The bytes in use at each place."""
        found = [0] * len(self._used)
        for number, life in self.lives.items():
            size = self.graph.tensor(number).bytes
            for place in range(life.first, life.last + 1):
                found[place] += size - life.unused_at(place, size)
        return found
