"""Makes rolled steps of operations: which of them can be, in what bands, through what windows."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edgekit.ir import Graph, Operation
from edgekit.ops import KernelCall, Rows, operators
from edgekit.planner.rolling import Rolling
from edgekit.planner.streams import Member, Stream
from edgekit.planner.walking import Trace, Walk

ROW_ALIGNMENT = 4
"""Kernels may read whole words from the start of a tensor, and so from the start of a row."""


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Neighbours that can roll together: how each walks, and the tensors that pass by."""

    operations: tuple[Operation, ...]
    rows: tuple[Rows, ...]
    streams: dict[int, Stream]


_Banded = tuple[tuple[Operation, ...], tuple[int, ...]]
"""Operations, and how many rows each of them makes at a time."""


class Roller:
    """Makes rolled steps of a graph's operations; remembers what it found out of each."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rows: dict[Operation, Rows | None] = {}
        self._runs: dict[tuple[Operation, ...], _Run | None] = {}
        self._traces: dict[_Banded, Trace] = {}
        self._made: dict[_Banded, Rolling] = {}
        self._calls: dict[tuple[Operation, int], tuple[KernelCall, ...]] = {}

    def with_room(self, room_bytes: int) -> Roller:
        """One for the same operations with other room for their calls, which no walk depends on:
        both remember the same walks."""
        other = copy.copy(self)
        other._graph = replace(self._graph, room_bytes=room_bytes)
        other._made, other._calls = {}, {}
        return other

    def roll(self, operations: Sequence[Operation], band: int) -> Rolling | None:
        """The operations as one step in which each makes at most `band` rows at a time.

        They are neighbours in the schedule. None where one of them does not work row by row, or
        more than one tensor leaves them. Where two `band`s come to the same, so do the steps.
        """
        key = tuple(operations)
        if key not in self._runs:
            self._runs[key] = self._run(key)
        run = self._runs[key]
        return self._rolled(run, band) if run is not None else None

    def _run(self, operations: tuple[Operation, ...]) -> _Run | None:
        found = [self._walk(operation) for operation in operations]
        rows = tuple(walk for walk in found if walk is not None)
        if len(rows) < len(found) or not _closed(self._graph, operations):
            return None
        streams = _streams(self._graph, operations, rows)
        return _Run(operations, rows, streams) if streams is not None else None

    def _walk(self, operation: Operation) -> Rows | None:
        if operation not in self._rows:
            self._rows[operation] = _rows(self._graph, operation)
        return self._rows[operation]

    def _rolled(self, run: _Run, band: int) -> Rolling:
        bands = _bands(self._graph, run.operations, run.rows, band)
        key = run.operations, tuple(bands[found.outputs[0]] for found in run.operations)
        if key not in self._made:
            members = tuple(map(self._member, run.operations, run.rows, key[1]))
            if key not in self._traces:
                self._traces[key] = Walk(self._graph, members, run.streams).run()
            self._made[key] = _walked(members, run.streams, self._traces[key])
        return self._made[key]

    def _member(self, operation: Operation, rows: Rows, band: int) -> Member:
        key = operation, band
        if key not in self._calls:
            self._calls[key] = _banded_calls(self._graph, operation, rows, band)
        return Member(operation, rows, band, self._calls[key])


def _rows(graph: Graph, operation: Operation) -> Rows | None:
    """How it walks down its images; None when it does not, or one of them is no plain image."""
    if len(operation.outputs) != 1:
        return None
    known = operators()[operation.op]
    if known.kernel is None or not _is_image(graph, operation.outputs[0]):
        return None
    rows = known.rows(graph, operation)
    if rows is None or rows.before < 0:
        return None
    images = [operation.inputs[place] for place in rows.images]
    return rows if all(_is_image(graph, number) for number in images) else None


def _is_image(graph: Graph, number: int) -> bool:
    shape = graph.tensor(number).shape
    if len(shape) != 4 or shape[0] != 1 or shape[1] < 2:
        return False
    return _row_bytes(graph, number) % ROW_ALIGNMENT == 0


def _row_bytes(graph: Graph, number: int) -> int:
    tensor = graph.tensor(number)
    return tensor.bytes // tensor.shape[1]


def _closed(graph: Graph, operations: Sequence[Operation]) -> bool:
    """Whether only the last output is read elsewhere."""
    own = {id(operation) for operation in operations}
    inner = {operation.outputs[0] for operation in operations[:-1]}
    outside = {
        number
        for operation in graph.operations
        if id(operation) not in own
        for number in (*operation.inputs, *operation.outputs)
    }
    read = {number for operation in operations for number in operation.inputs}
    return inner.isdisjoint(outside | set(graph.outputs)) and inner <= read


def _bands(
    graph: Graph, operations: Sequence[Operation], walks: Sequence[Rows], band: int
) -> dict[int, int]:
    """How many rows each output comes in at a time: what its readers want, but at most `band`, and
    without a rest."""
    wanted = {operations[-1].outputs[0]: band}
    found: dict[int, int] = {}
    for operation, rows in zip(reversed(operations), reversed(walks), strict=True):
        target = operation.outputs[0]
        most = min(band, wanted[target])
        found[target] = _divisor(graph.tensor(target).shape[1], most)
        for place in rows.images:
            number = operation.inputs[place]
            wanted[number] = max(wanted.get(number, 1), found[target] * rows.stride)
    return found


def _divisor(height: int, most: int) -> int:
    return next(count for count in range(min(most, height), 0, -1) if height % count == 0)


def _streams(
    graph: Graph, operations: Sequence[Operation], walks: Sequence[Rows]
) -> dict[int, Stream] | None:
    """Every image that is read or made, in order; None where two readers want unlike padding."""
    made = {operation.outputs[0] for operation in operations}
    found: dict[int, Stream] = {}
    for operation, rows in zip(operations, walks, strict=True):
        below = (graph.tensor(operation.outputs[0]).shape[1] - 1) * rows.stride + rows.reach
        for place in rows.images:
            number = operation.inputs[place]
            stream = found.get(number) or _whole(graph, number)
            after = max(0, below - rows.before - stream.height)
            padded = rows.before > 0 or after > 0
            if padded and stream.padded and stream.outside != rows.outside:
                return None
            found[number] = replace(
                stream,
                before=max(stream.before, rows.before),
                after=max(stream.after, after),
                outside=rows.outside if padded else stream.outside,
                whole=stream.whole and not padded and number not in made,
            )
    last = operations[-1].outputs[0]
    found[last] = _whole(graph, last)
    return found


def _whole(graph: Graph, number: int) -> Stream:
    height = graph.tensor(number).shape[1]
    return Stream(number, height, _row_bytes(graph, number), 0, 0, 0, whole=True, capacity=height)


def _walked(members: tuple[Member, ...], streams: dict[int, Stream], trace: Trace) -> Rolling:
    """With the windows as high as the walk down the image needs them."""
    made = {member.output for member in members}
    inputs = tuple(number for number in streams if number not in made)
    return Rolling(
        members=members,
        streams={
            number: stream if stream.whole else replace(stream, capacity=trace.capacities[number])
            for number, stream in streams.items()
        },
        inputs=inputs,
        on_top_of=tuple(number for number in inputs if number in trace.free),
        moved_bytes=trace.moved_bytes,
        calls=trace.calls,
    )


def _banded_calls(
    graph: Graph, operation: Operation, rows: Rows, band: int
) -> tuple[KernelCall, ...]:
    """An operation lowered over bands instead of images."""
    reach = (band - 1) * rows.stride + rows.reach
    heights = dict.fromkeys((operation.inputs[place] for place in rows.images), reach)
    heights[operation.outputs[0]] = band
    tensors = list(graph.tensors)
    for number, height in heights.items():
        shape = tensors[number].shape
        tensors[number] = replace(tensors[number], shape=(1, height, *shape[2:]))
    banded = replace(graph, tensors=tuple(tensors))
    known = operators()[operation.op]
    return known.calls(banded, replace(operation, attributes=rows.attributes))
