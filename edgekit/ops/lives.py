"""From when to when the memory of values is in use, and how much of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edgekit.ir import Graph
from edgekit.ops.operator import View
from edgekit.ops.views import inner_views


@dataclass(frozen=True, slots=True)
class Life:
    """A piece of memory, in use from place `first` to `last` of an order, both inclusive.

    Before place `before` of each of `grows` only so many bytes at its start are in use: what is
    behind them has not been made.
    """

    first: int
    last: int
    grows: tuple[tuple[int, int], ...] = ()
    """(before, bytes), both rising."""

    def unused_at(self, place: int, size: int) -> int:
        """How many of its `size` bytes are not in use yet."""
        return size - min((count for before, count in self.grows if place < before), default=size)


def lives(graph: Graph, used: Sequence[Sequence[int]]) -> dict[int, Life]:
    """The life of each value that is no part of another, in an order of operations that use, each,
    some tensors (-1: an optional one that is absent)."""
    found = _Uses(graph)
    for number in graph.inputs:
        found.add(number, 0)
    for place, numbers in enumerate(used):
        for number in numbers:
            if number >= 0 and not graph.tensor(number).constant:
                found.add(number, place)
    for number in graph.outputs:
        found.add(number, len(used) - 1)
    return found.lives()


class _Uses:
    """When values and the parts of them are used."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._views = graph, inner_views(graph)
        self._parts: dict[int, list[View]] = {}
        for view in self._views.values():
            self._parts.setdefault(view.whole, []).append(view)
        self._spans: dict[int, tuple[int, int]] = {}
        self._directly: dict[int, int] = {}

    def add(self, number: int, place: int) -> None:
        """Counts a use of a value, and of all that it is part of."""
        self._directly[number] = min(self._directly.get(number, place), place)
        for whole in _outwards(number, self._views):
            first, last = self._spans.get(whole, (place, place))
            self._spans[whole] = (min(first, place), max(last, place))

    def lives(self) -> dict[int, Life]:
        """Of values that are no part of another."""
        return {
            number: Life(first, last, self._grows(number))
            for number, (first, last) in self._spans.items()
            if number not in self._views
        }

    def _grows(self, whole: int) -> tuple[tuple[int, int], ...]:
        parts = [view for view in self._parts.get(whole, ()) if view.part in self._spans]
        if not all(view.in_one_piece for view in parts):
            return ()
        ends = [
            (self._spans[view.part][0], view.offset + self._graph.tensor(view.part).bytes)
            for view in parts
        ]
        if whole in self._directly:
            ends.append((self._directly[whole], self._graph.tensor(whole).bytes))
        return tuple(_rises(sorted(ends)))


def _outwards(number: int, views: Mapping[int, View]) -> Iterator[int]:
    yield number
    while number in views:
        number = views[number].whole
        yield number


def _rises(ends: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """(place, the furthest end before it) wherever that rises later than at the first place."""
    (begin, furthest), *_ = ends
    for place, end in ends:
        if end > furthest and place > begin:
            yield place, furthest
        furthest = max(furthest, end)
