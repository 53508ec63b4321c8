"""The walk of rolled operations down an image, as the generated C will do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgekit.ir import Graph
from edgekit.ops import operators
from edgekit.planner.streams import Member, Stream


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What a walk found.

    `capacities` are the most rows that each window held at once, `free` the inputs that no row of
    the output was written on before they had been read.
    """

    capacities: Mapping[int, int]
    free: frozenset[int]
    moved_bytes: int
    """What is copied into windows, and within them."""
    calls: int


class Walk:
    """Counts rows as they are made: how many a window holds, what is moved, what is free."""

    def __init__(
        self, graph: Graph, members: Sequence[Member], streams: Mapping[int, Stream]
    ) -> None:
        self._members, self._streams = members, streams
        self._makers = {member.output: member for member in members}
        self._images = {member.output: member.images for member in members}
        self._readers = {
            number: tuple(found for found in members if number in self._images[found.output])
            for number in streams
        }
        self._ends = dict.fromkeys(streams, 0)
        self._grown: dict[int, list[tuple[int, int]]] = {number: [] for number in streams}
        """For each stream (rows that have come, the oldest that is wanted), whenever some came."""
        last = members[-1]
        pairs = operators()[last.operation.op].in_place(graph, last.operation)
        self._overwritten = {last.operation.inputs[pair.input] for pair in pairs}
        self._free = {number for number in streams if number not in self._makers}
        self._copied_bytes = 0
        self._calls = 0

    def run(self) -> Trace:
        """From the first row of the output to the last."""
        output = self._members[-1].output
        self._need(output, self._streams[output].height)
        capacities = {
            number: max((end - oldest for end, oldest in grown), default=0)
            for number, grown in self._grown.items()
        }
        windows = [found for found in self._streams.values() if not found.whole]
        shifted = sum(self._shifted_bytes(found, capacities[found.tensor]) for found in windows)
        return Trace(capacities, frozenset(self._free), self._copied_bytes + shifted, self._calls)

    def _need(self, number: int, end: int) -> None:
        stream, maker = self._streams[number], self._makers.get(number)
        if stream.whole and maker is None:
            return
        while self._ends[number] < end:
            start = self._ends[number]
            if start >= stream.height:
                self._grow(number, end - start)
            elif maker is not None:
                self._make(maker)
            else:
                count = min(end, stream.height) - start
                self._grow(number, count)
                self._copied_bytes += count * stream.row_bytes

    def _make(self, member: Member) -> None:
        output = member.output
        start, rows = self._ends[output], member.rows
        last = (start + member.band - 1) * rows.stride
        for number in self._images[output]:
            self._need(number, last - rows.before + rows.reach)
        if member is self._members[-1]:
            self._write((start + member.band) * self._streams[output].row_bytes)
        self._grow(output, member.band)
        self._calls += 1

    def _grow(self, number: int, count: int) -> None:
        end = self._ends[number] + count
        self._grown[number].append((end, self._oldest(number)))
        self._ends[number] = end

    def _oldest(self, number: int) -> int:
        """The first row that a reader still wants; of the output, the first."""
        readers = self._readers[number]
        if not readers:
            return 0
        # A reader whose steps are larger than its reach may want what is still to come.
        return min(self._ends[number], *map(self._wanted, readers))

    def _wanted(self, member: Member) -> int:
        return self._ends[member.output] * member.rows.stride - member.rows.before

    def _shifted_bytes(self, stream: Stream, capacity: int) -> int:
        """What a window of so many rows moves to its start, each time that it is full."""
        first, before, moved = -stream.before, 0, 0
        for end, oldest in self._grown[stream.tensor]:
            if end - first > capacity:
                moved += before - oldest
                first = oldest
            before = end
        return moved * stream.row_bytes

    def _write(self, end_bytes: int) -> None:
        """Strikes the inputs that the output's bytes up to here would damage."""
        self._free = {n for n in self._free if end_bytes <= self._done_bytes(n)}

    def _done_bytes(self, number: int) -> int:
        """How much of an input is no longer needed where it lies."""
        stream, last = self._streams[number], self._members[-1]
        if not stream.whole:
            return stream.row_bytes * (
                1 << 30 if self._ends[number] >= stream.height else self._ends[number]
            )
        wanted = [
            self._wanted(member)
            for member in self._readers[number]
            if not self._writes_over(member, number)
        ]
        same = self._streams[last.output].row_bytes == stream.row_bytes
        if any(self._writes_over(member, number) for member in self._readers[number]):
            wanted.append(self._ends[last.output] + last.band if same else 0)
        return max(0, min(wanted)) * stream.row_bytes

    def _writes_over(self, member: Member, number: int) -> bool:
        """Whether it reads each value before it writes the one at its place."""
        return member is self._members[-1] and number in self._overwritten
