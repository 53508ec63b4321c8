"""Which pieces of memory the steps need, how large each is, and from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edgekit.ir import Graph
from edgekit.ops.lives import Life, lives
from edgekit.ops.views import outermost_views
from edgekit.planner.steps import ScheduledStep


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of memory, alive from `first` to `last`, both inclusive.

    It holds the tensors of these numbers, each from its byte in `starts` on; or, when there are
    none, the scratch memory of step `first`, the `scratch`-th of that step. Before step `before`
    of each of `grows` only so many of its bytes are in use, and after step `until` of each of
    `shrinks` only so many are left: those at its start.
    """

    bytes: int
    first: int
    last: int
    tensors: tuple[int, ...]
    scratch: int = 0
    starts: tuple[int, ...] = ()
    shrinks: tuple[tuple[int, int], ...] = ()
    """(until, bytes left), steps rising and bytes falling."""
    grows: tuple[tuple[int, int], ...] = ()
    """(before, bytes in use), both rising."""

    def bytes_at(self, step: int) -> int:
        """How many of its bytes are in use in a step of its life."""
        left = [count for until, count in self.shrinks if step > until]
        made = [count for before, count in self.grows if step < before]
        return min((*left, *made), default=self.bytes)

    @property
    def stages(self) -> tuple[tuple[int, int, int], ...]:
        """(first step, last step, bytes) for each size that it has in its life."""
        later = {*(before for before, _ in self.grows), *(until + 1 for until, _ in self.shrinks)}
        starts = [self.first, *sorted(later)]
        ends = [*(start - 1 for start in starts[1:]), self.last]
        return tuple((*span, self.bytes_at(span[0])) for span in zip(starts, ends, strict=True))

    def bytes_beside(self, other: Block) -> int:
        """The most of its bytes that are in use while the other is alive as well."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        grown = (before for before, _ in self.grows if first < before <= last)
        return max(map(self.bytes_at, (first, *grown)))

    def start(self, tensor: int) -> int:
        """Where in it a tensor begins."""
        return self.starts[self.tensors.index(tensor)]

    def meets(self, other: Block) -> bool:
        """Whether both are alive in some step, so that they must not overlap."""
        return self.first <= other.last and other.first <= self.last


def blocks(graph: Graph, steps: Sequence[ScheduledStep], *, in_place: bool) -> tuple[Block, ...]:
    """Every block; parts of a tensor are in its own, and so is an output that lies on an input."""
    found = _tensor_blocks(graph, steps)
    if in_place:
        found = _merged(graph, steps, found)
    whole = {id(block): block for block in found.values()}
    return (*whole.values(), *_scratch(steps))


def _tensor_blocks(graph: Graph, steps: Sequence[ScheduledStep]) -> dict[int, Block]:
    """One block per tensor that is part of no other, under its number and those of its parts."""
    found = lives(graph, [(*step.inputs, *step.outputs) for step in steps])
    starts = {root: {root: 0} for root in found}
    for number, view in outermost_views(graph).items():
        if view.whole in starts:
            starts[view.whole][number] = view.offset
    made = (_block(graph, root, life, starts[root]) for root, life in found.items())
    return {number: block for block in made for number in block.tensors}


def _block(graph: Graph, root: int, life: Life, starts: Mapping[int, int]) -> Block:
    return Block(
        graph.tensor(root).bytes,
        life.first,
        life.last,
        tuple(starts),
        starts=tuple(starts.values()),
        grows=life.grows,
    )


def _merged(
    graph: Graph, steps: Sequence[ScheduledStep], found: Mapping[int, Block]
) -> dict[int, Block]:
    """Joins an output to an input that nobody reads later, where the step allows.

    Only one that is not larger: then the working set of no step grows.
    """
    merged = dict(found)
    for step in steps:
        for pair in step.in_place(graph):
            source = merged.get(step.inputs[pair.input])
            target = merged[step.outputs[pair.output]]
            if source is None or source is target or not _may_join(graph, step, source, target):
                continue
            read = graph.tensor(step.inputs[pair.input]).bytes
            made = graph.tensor(step.outputs[pair.output]).bytes
            if source.bytes_at(step.index) != read or target.bytes != made or made > read:
                continue
            whole = _joined(source, target, step.index)
            merged.update(dict.fromkeys(whole.tensors, whole))
            break
    return merged


def _may_join(graph: Graph, step: ScheduledStep, source: Block, target: Block) -> bool:
    """Whether one ends in the step in which the other begins."""
    if not set(graph.outputs).isdisjoint(source.tensors):
        return False
    return source.last == step.index == target.first


def _joined(source: Block, target: Block, step: int) -> Block:
    smaller = target.bytes < source.bytes_at(step)
    return replace(
        source,
        last=target.last,
        tensors=(*source.tensors, *target.tensors),
        starts=(*source.starts, *target.starts),
        shrinks=(*source.shrinks, (step, target.bytes)) if smaller else source.shrinks,
    )


def _scratch(steps: Sequence[ScheduledStep]) -> tuple[Block, ...]:
    return tuple(
        Block(need.bytes, step.index, step.index, (), order)
        for step in steps
        for order, need in enumerate(step.scratch)
    )
