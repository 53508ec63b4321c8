"""Plans that keep within a budget: where it is exceeded, operations run row by row together.

The search goes from peak to peak. Around the step with the most bytes alive, every run of
neighbouring operations is tried, in bands of several heights; of those that bring the peak under
the budget the one that moves and calls least is taken, else the one with the lowest peak.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edgekit.ir import Graph, Operation
from edgekit.planner.lifetimes import blocks
from edgekit.planner.memory import Plan, plan_steps, working_sets
from edgekit.planner.roller import Roller
from edgekit.planner.rolling import Rolling
from edgekit.planner.steps import ScheduledStep, schedule, with_rolled

_MOST_OPERATIONS = 14
_BANDS = (16, 8, 4, 2, 1)
_CALL_BYTES = 64
"""A kernel call costs about as much as moving so many bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class _Schedule:
    """Steps of which some are rolled, and the bytes alive in each."""

    rolled: tuple[Rolling, ...]
    steps: tuple[ScheduledStep, ...]
    alive: tuple[int, ...]

    @property
    def cost(self) -> int:
        """What the rolled steps add to the work, in bytes moved."""
        return sum(found.moved_bytes + found.calls * _CALL_BYTES for found in self.rolled)

    def peak(self, rolling: Rolling) -> int:
        """The bytes alive in a rolled step."""
        return next(
            alive
            for step, alive in zip(self.steps, self.alive, strict=True)
            if step.rolling is rolling
        )


class Budget:
    """Searches for schedules of one graph that need less memory."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._roller = graph, Roller(graph)
        self._steps = schedule(graph)

    def with_room(self, room_bytes: int) -> Budget:
        """The same search where tensors and scratch of a call may take so many bytes together;
        the walks that one of them found out, all know."""
        other = copy.copy(self)
        other._graph = replace(self._graph, room_bytes=room_bytes)
        other._roller = self._roller.with_room(room_bytes)
        other._steps = schedule(other._graph)
        return other

    def plan_within(self, ram_bytes: int) -> Plan:
        """The plan with the least work whose arena has at most `ram_bytes`; where none is found,
        the smallest."""
        found = self._scheduled(())
        planned = best = plan_steps(self._graph, found.steps)
        wanted = ram_bytes
        while planned.arena_bytes > ram_bytes:
            # Blocks may leave gaps between them: then the working sets have to be smaller still.
            wanted = min(wanted, max(found.alive) - 1 if max(found.alive) <= wanted else wanted)
            further = self._next(found, wanted)
            if further is None:
                break
            found = further
            planned = plan_steps(self._graph, found.steps)
            best = min(best, planned, key=lambda it: it.arena_bytes)
        return best

    def frontier(self) -> Iterator[Plan]:
        """Plans from the one without rolled steps down to the smallest arena that was found."""
        planned = self.plan_within(1 << 40)
        while True:
            yield planned
            smaller = self.plan_within(planned.arena_bytes - 1)
            if smaller.arena_bytes >= planned.arena_bytes:
                return
            planned = smaller

    def _next(self, found: _Schedule, ram_bytes: int) -> _Schedule | None:
        """The schedule with the largest peak lowered; None when nothing lowers it."""
        tries = [pair for pair in self._tries(found) if pair[1] < max(found.alive)]
        enough = [pair for pair in tries if pair[1] <= ram_bytes]
        if enough:
            return min(enough, key=lambda pair: (pair[0].cost, pair[1]))[0]
        return min(tries, key=lambda pair: (pair[1], pair[0].cost), default=(None, 0))[0]

    def _tries(self, found: _Schedule) -> Iterator[tuple[_Schedule, int]]:
        """Every run of neighbours around the largest peak as a rolled step, and its own peak."""
        peak = found.alive.index(max(found.alive))
        for first in range(max(0, peak - _MOST_OPERATIONS), peak + 1):
            for last in range(peak, min(len(found.steps), first + _MOST_OPERATIONS)):
                steps = found.steps[first : last + 1]
                run = [operation for step in steps for operation in step.operations]
                if 1 < len(run) <= _MOST_OPERATIONS:
                    yield from self._rolled(found, run)

    def _rolled(
        self, found: _Schedule, run: Sequence[Operation]
    ) -> Iterator[tuple[_Schedule, int]]:
        own = {id(operation) for operation in run}
        others = [made for made in found.rolled if id(made.operations[0]) not in own]
        bands = (self._roller.roll(run, band) for band in _BANDS)
        for rolling in dict.fromkeys(found for found in bands if found is not None):
            made = self._scheduled((*others, rolling))
            yield made, made.peak(rolling)

    def _scheduled(self, rolled: tuple[Rolling, ...]) -> _Schedule:
        steps = with_rolled(self._steps, rolled)
        alive = working_sets(blocks(self._graph, steps, in_place=True), len(steps))
        return _Schedule(rolled, steps, tuple(alive))
