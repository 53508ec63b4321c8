"""Operations that run together, a few rows at a time, so that no tensor between them is whole.

Each tensor between them has a window: a few of its rows, which move down the image. Before an
operation makes its next rows, the ones above it make those that it still lacks; so each row is made
once, and nothing is computed twice. Rows around the image are written into the windows as
padding, so that kernels see bands that hold all that they need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edgekit.ir import Graph, Operation
from edgekit.ops import Constant, KernelCall, Rows, Scratch, operators
from edgekit.planner.streams import Member, Stream
from edgekit.planner.walking import Walk

ROW_ALIGNMENT = 4
"""Kernels may read whole words from the start of a tensor, and so from the start of a row."""


@dataclass(frozen=True, slots=True, eq=False)
class Rolling:
    """Operations that run as one step. The last of them makes `output`, which is whole."""

    members: tuple[Member, ...]
    streams: Mapping[int, Stream]
    inputs: tuple[int, ...]
    on_top_of: tuple[int, ...]
    """Inputs that the output may overwrite: their rows are gone before its rows come."""
    moved_bytes: int
    """What is copied into windows, and within them, per inference."""
    calls: int
    """Kernel calls per inference."""

    @property
    def output(self) -> int:
        """The tensor that leaves it."""
        return self.members[-1].output

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Those of its members."""
        return tuple(member.operation for member in self.members)

    @property
    def windows(self) -> tuple[Stream, ...]:
        """The streams that have one."""
        return tuple(found for found in self.streams.values() if not found.whole)

    @property
    def scratch(self) -> tuple[Scratch, ...]:
        """A piece of memory per window, then one that the members' kernels share."""
        windows = (Scratch(found.bytes) for found in self.windows)
        shared = max(member.scratch_bytes for member in self.members)
        return (*windows, Scratch(shared)) if shared else tuple(windows)

    @property
    def constants(self) -> Iterator[Constant]:
        """Those of all members, with the member's number before their role."""
        for order, member in enumerate(self.members):
            for call in member.calls:
                for found in call.arguments:
                    if isinstance(found, Constant):
                        yield replace(found, role=f"{order}_{found.role}")


class Roller:
    """Makes rolled steps of a graph's operations; remembers what it found out of each."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rows: dict[int, Rows | None] = {}
        self._calls: dict[tuple[int, int], tuple[KernelCall, ...]] = {}

    def roll(self, operations: Sequence[Operation], band: int) -> Rolling | None:
        """The operations as one step in which each makes at most `band` rows at a time.

        They are neighbours in the schedule. None where one of them does not work row by row, or
        more than one tensor leaves them.
        """
        walks = [self._walk(operation) for operation in operations]
        found = [walk for walk in walks if walk is not None]
        if len(found) < len(walks) or not _closed(self._graph, operations):
            return None
        streams = _streams(self._graph, operations, found)
        if streams is None:
            return None
        bands = _bands(self._graph, operations, found, band)
        pairs = zip(operations, found, strict=True)
        members = (self._member(*pair, bands[pair[0].outputs[0]]) for pair in pairs)
        return _walked(self._graph, tuple(members), streams)

    def _walk(self, operation: Operation) -> Rows | None:
        if id(operation) not in self._rows:
            self._rows[id(operation)] = _rows(self._graph, operation)
        return self._rows[id(operation)]

    def _member(self, operation: Operation, rows: Rows, band: int) -> Member:
        key = id(operation), band
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


def _walked(graph: Graph, members: tuple[Member, ...], streams: dict[int, Stream]) -> Rolling:
    """With the windows as high as the walk down the image needs them."""
    first = Walk(graph, members, streams)
    first.run()
    sized = {
        number: stream if stream.whole else replace(stream, capacity=first.highest[number])
        for number, stream in streams.items()
    }
    second = Walk(graph, members, sized)
    second.run()
    made = {member.output for member in members}
    inputs = tuple(number for number in streams if number not in made)
    return Rolling(
        members=members,
        streams=sized,
        inputs=inputs,
        on_top_of=tuple(number for number in inputs if number in second.free),
        moved_bytes=second.moved_bytes,
        calls=second.calls,
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
