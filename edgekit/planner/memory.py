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

    def scratch_offset(self, step: int, order: int) -> int:
        """Where a step's working memory starts, the `order`-th of that step."""
        return next(
            found.offset
            for found in self.placements
            if not found.block.tensors and (found.block.first, found.block.scratch) == (step, order)
        )

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
    best = _greedy(needed, sorted(range(len(needed)), key=lambda i: -needed[i].bytes))
    for key in _ORDERINGS:
        if _height(best) <= bound:
            return best
        order = sorted(range(len(needed)), key=lambda i: key(needed[i]))
        best = min(best, _greedy(needed, order), key=_height)
    return best if _height(best) <= bound else _searched(needed, bound, best)


_ORDERINGS: tuple[Callable[[Block], tuple[int, ...]], ...] = (
    lambda block: (-block.bytes * (block.last - block.first + 1),),
    lambda block: (block.first - block.last, -block.bytes),
    lambda block: (block.first, -block.bytes),
    lambda block: (-block.last, -block.bytes),
)


def _searched(
    needed: Sequence[Block], bound: int, best: tuple[Placement, ...]
) -> tuple[Placement, ...]:
    """Hill climbing: two blocks change places in the order of placing; the same on every run."""
    chance = random.Random(0)
    order = sorted(range(len(needed)), key=lambda i: best[i].offset)
    height = _height(best)
    for _ in range(_SEARCH_COMPARISONS // len(needed) ** 2):
        i, j = chance.randrange(len(order)), chance.randrange(len(order))
        order[i], order[j] = order[j], order[i]
        found = _greedy(needed, order)
        if _height(found) > height:
            order[i], order[j] = order[j], order[i]
            continue
        best, height = found, _height(found)
        if height <= bound:
            break
    return best


def _greedy(needed: Sequence[Block], order: Sequence[int]) -> tuple[Placement, ...]:
    """Each block in turn at the lowest offset where it meets none of those placed before."""
    placed: dict[int, Placement] = {}
    for index in order:
        block = needed[index]
        met = [other for other in placed.values() if other.block.meets(block)]
        placed[index] = Placement(block, _lowest(block, sorted(met, key=lambda it: it.offset)))
    return tuple(placed[index] for index in range(len(needed)))


def _lowest(block: Block, met: Sequence[Placement]) -> int:
    """The lowest offset at which a block is clear of those that it meets, sorted by offset."""
    offset, moved = 0, True
    while moved:
        moved = False
        for other in met:
            end = other.offset + other.block.bytes_beside(block)
            if offset < end and offset + block.bytes_beside(other.block) > other.offset:
                offset, moved = _aligned(end), True
    return offset


def _height(placements: Sequence[Placement]) -> int:
    return max((_aligned(found.end) for found in placements), default=0)


def _aligned(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
