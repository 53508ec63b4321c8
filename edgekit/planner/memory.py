"""The memory plan: an offset in the arena for every block, as small an arena as can be found.

Placing blocks so that the arena is smallest is NP-hard (dynamic storage allocation). No plan is
smaller than the largest working set, the bytes alive in some step. Several orderings are placed
greedily, each block at the lowest place that is free while it lives; when none reaches that bound,
a seeded search over orderings follows. Networks that are mostly chains reach the bound at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgekit.ir import Graph
from edgekit.planner.lifetimes import Block, blocks
from edgekit.planner.steps import ScheduledStep, schedule

ALIGNMENT = 4
_SEARCH_COMPARISONS = 2_000_000
"""How often the search may compare two blocks: well under a second."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A block and its offset in the arena."""

    block: Block
    offset: int

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.block.bytes


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Offsets of all blocks; `lower_bound_bytes` is what no plan for these blocks undercuts."""

    steps: tuple[ScheduledStep, ...]
    placements: tuple[Placement, ...]
    arena_bytes: int
    lower_bound_bytes: int

    def offset(self, tensor: int) -> int:
        """Where a tensor starts in the arena."""
        found = self.placement(tensor)
        return found.offset + found.block.start(tensor)

    def placement(self, tensor: int) -> Placement:
        """The block that a tensor lies in, and where that lies."""
        return next(found for found in self.placements if tensor in found.block.tensors)

    @property
    def peak_step(self) -> int:
        """The first step with the most bytes alive."""
        alive = working_sets([found.block for found in self.placements], len(self.steps))
        return alive.index(max(alive))


def plan(graph: Graph, *, in_place: bool = True) -> Plan:
    """A plan for a graph that keeps the rules of the IR and of its ops."""
    return plan_steps(graph, schedule(graph), in_place=in_place)


def plan_steps(graph: Graph, steps: tuple[ScheduledStep, ...], *, in_place: bool = True) -> Plan:
    """A plan for the steps of a graph; `in_place` lets outputs lie on inputs that die there."""
    needed = blocks(graph, steps, in_place=in_place)
    bound = max(working_sets(needed, len(steps)))
    placements = place(needed, bound)
    return Plan(steps, placements, _aligned(_height(placements)), bound)


def working_sets(needed: Sequence[Block], steps: int) -> list[int]:
    """The bytes alive in each step, each block rounded up to the alignment."""
    return [
        sum(_aligned(block.bytes_at(step)) for block in needed if block.first <= step <= block.last)
        for step in range(steps)
    ]


def place(needed: Sequence[Block], bound: int) -> tuple[Placement, ...]:
    """Offsets for all blocks, in the order of `needed`; stops when the arena is `bound` bytes."""
    greedy = _Greedy(needed)
    best = greedy.placed(sorted(range(len(needed)), key=lambda i: -needed[i].bytes))
    for key in _ORDERINGS:
        if _height(best) <= bound:
            return best
        order = sorted(range(len(needed)), key=lambda i: key(needed[i]))
        best = min(best, greedy.placed(order), key=_height)
    return best if _height(best) <= bound else _searched(greedy, bound, best)


_ORDERINGS: tuple[Callable[[Block], tuple[int, ...]], ...] = (
    lambda block: (-block.bytes * (block.last - block.first + 1),),
    lambda block: (block.first - block.last, -block.bytes),
    lambda block: (block.first, -block.bytes),
    lambda block: (-block.last, -block.bytes),
)


def _searched(greedy: _Greedy, bound: int, best: tuple[Placement, ...]) -> tuple[Placement, ...]:
    """Hill climbing: two blocks change places in the order of placing; the same on every run."""
    chance = random.Random(0)
    order = sorted(range(len(best)), key=lambda i: best[i].offset)
    height = _height(best)
    for _ in range(_SEARCH_COMPARISONS // len(best) ** 2):
        i, j = chance.randrange(len(order)), chance.randrange(len(order))
        order[i], order[j] = order[j], order[i]
        found = greedy.placed(order)
        if _height(found) > height:
            order[i], order[j] = order[j], order[i]
            continue
        best, height = found, _height(found)
        if height <= bound:
            break
    return best


class _Greedy:
    """Places each block in turn at the lowest offset where it meets none of those before it."""

    def __init__(self, needed: Sequence[Block]) -> None:
        self._needed = needed
        self._beside = [
            {
                number: (other.bytes_beside(block), block.bytes_beside(other))
                for number, other in enumerate(needed)
                if other is not block and other.meets(block)
            }
            for block in needed
        ]
        """For each block those that it meets: how large they are beside it, and it beside them."""

    def placed(self, order: Sequence[int]) -> tuple[Placement, ...]:
        """Placements in the order of the blocks, made in the order given."""
        offsets: dict[int, int] = {}
        for index in order:
            met = [
                (offsets[number], offsets[number] + theirs, own)
                for number, (theirs, own) in self._beside[index].items()
                if number in offsets
            ]
            offsets[index] = _lowest(sorted(met))
        return tuple(Placement(block, offsets[number]) for number, block in enumerate(self._needed))


def _lowest(met: Sequence[tuple[int, int, int]]) -> int:
    """The lowest offset clear of all (start, end, own size beside it), sorted."""
    offset, moved = 0, True
    while moved:
        moved = False
        for start, end, own in met:
            if offset < end and offset + own > start:
                offset, moved = _aligned(end), True
    return offset


def _height(placements: Sequence[Placement]) -> int:
    return max((_aligned(found.end) for found in placements), default=0)


def _aligned(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
