"""The walk of rolled operations down an image, as the generated C will do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edgekit.ir import Graph
from edgekit.ops import operators
from edgekit.planner.streams import Member, Stream


class Walk:
    """Counts rows as they are made: how many a window holds, what is moved, what is free.

    `highest` has the most rows that a window held at once, `free` the inputs that no row of the
    output was written on before they had been read.
    """

    def __init__(
        self, graph: Graph, members: Sequence[Member], streams: Mapping[int, Stream]
    ) -> None:
        self._members, self._streams = members, streams
        self._makers = {member.output: member for member in members}
        self._ends = dict.fromkeys(streams, 0)
        self._firsts = {number: -stream.before for number, stream in streams.items()}
        last = members[-1]
        pairs = operators()[last.operation.op].in_place(graph, last.operation)
        self._overwritten = {last.operation.inputs[pair.input] for pair in pairs}
        self.free = {number for number in streams if number not in self._makers}
        self.highest = dict.fromkeys(streams, 0)
        self.moved_bytes = 0
        self.calls = 0

    def run(self) -> None:
        """From the first row of the output to the last."""
        output = self._members[-1].output
        self._need(output, self._streams[output].height)

    def _need(self, number: int, end: int) -> None:
        stream, maker = self._streams[number], self._makers.get(number)
        if stream.whole and maker is None:
            return
        while self._ends[number] < end:
            start = self._ends[number]
            if start >= stream.height:
                self._grow(stream, end - start)
            elif maker is not None:
                self._make(maker)
            else:
                count = min(end, stream.height) - start
                self._grow(stream, count)
                self.moved_bytes += count * stream.row_bytes

    def _make(self, member: Member) -> None:
        start, rows = self._ends[member.output], member.rows
        for number in member.images:
            last = (start + member.band - 1) * rows.stride
            self._need(number, last - rows.before + rows.reach)
        if member is self._members[-1]:
            self._write((start + member.band) * self._streams[member.output].row_bytes)
        self._grow(self._streams[member.output], member.band)
        self.calls += 1

    def _grow(self, stream: Stream, count: int) -> None:
        number = stream.tensor
        end = self._ends[number] + count
        keep = self._oldest(number)
        self.highest[number] = max(self.highest[number], end - keep)
        if not stream.whole and stream.capacity and end - self._firsts[number] > stream.capacity:
            self.moved_bytes += (self._ends[number] - keep) * stream.row_bytes
            self._firsts[number] = keep
        self._ends[number] = end

    def _oldest(self, number: int) -> int:
        """The first row that a reader still wants; of the output, the first."""
        readers = [member for member in self._members if number in member.images]
        if not readers:
            return 0
        # A reader whose steps are larger than its reach may want what is still to come.
        return min(self._ends[number], *(self._wanted(member) for member in readers))

    def _wanted(self, member: Member) -> int:
        return self._ends[member.output] * member.rows.stride - member.rows.before

    def _write(self, end_bytes: int) -> None:
        """Strikes the inputs that the output's bytes up to here would damage."""
        self.free = {n for n in self.free if end_bytes <= self._done_bytes(n)}

    def _done_bytes(self, number: int) -> int:
        """How much of an input is no longer needed where it lies."""
        stream, last = self._streams[number], self._members[-1]
        if not stream.whole:
            return stream.row_bytes * (
                1 << 30 if self._ends[number] >= stream.height else self._ends[number]
            )
        wanted = [
            self._wanted(member)
            for member in self._members
            if number in member.images and not self._writes_over(member, number)
        ]
        same = self._streams[last.output].row_bytes == stream.row_bytes
        if any(self._writes_over(m, number) for m in self._members if number in m.images):
            wanted.append(self._ends[last.output] + last.band if same else 0)
        return max(0, min(wanted)) * stream.row_bytes

    def _writes_over(self, member: Member, number: int) -> bool:
        """Whether it reads each value before it writes the one at its place."""
        return member is self._members[-1] and number in self._overwritten
