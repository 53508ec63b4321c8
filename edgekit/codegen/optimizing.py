"""The passes over a graph, and what each of them did to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from edgekit.artifacts import PassEffect
from edgekit.ir import Graph
from edgekit.ops import operators
from edgekit.ops.variants import takes_room
from edgekit.passes import EARLY_MEMORY, Stage, optimize
from edgekit.passes.moves import moved_bytes, moving_operations
from edgekit.planner import Budget, Plan, plan
from edgekit.units import format_count

_ROOM_SHARES = (1.0, 0.9, 0.75, 0.5, 0.25)
"""How much of the arena one call may fill: other tensors may be alive beside its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Optimized:
    """The graph to compile, its plan, and the way there."""

    graph: Graph
    planned: Plan
    effects: tuple[PassEffect, ...]


def optimized(graph: Graph, ram_bytes: int | None = None) -> Optimized:
    """Runs the passes over a graph as it was read, and plans it after each.

    Memory comes first: where the passes would enlarge the arena, or `ram_bytes` is not met with
    them, those that can are left out.
    With `ram_bytes`, operations run row by row until the arena is no larger, as far as they can.
    """
    as_read = plan(graph)
    attempts = _attempts(graph, as_read)
    tried = _until(as_read.arena_bytes, attempts)
    found = _least(tried)
    if ram_bytes is None or found.planned.arena_bytes <= ram_bytes:
        return _roomier(found)
    rolled = _rolled(found, ram_bytes)
    if rolled.planned.arena_bytes <= ram_bytes:
        return rolled
    others = (attempt for attempt in (*tried, *attempts) if attempt is not found)
    return _least([rolled, *(_rolled(attempt, ram_bytes) for attempt in others)])


def _least(attempts: Sequence[Optimized]) -> Optimized:
    return min(attempts, key=lambda attempt: attempt.planned.arena_bytes)


def _rolled(found: Optimized, ram_bytes: int) -> Optimized:
    """The same, row by row until the arena is no larger than `ram_bytes`, as far as it can be."""
    planned = _within(found.graph, ram_bytes)
    summary = "Runs operations row by row together, so that tensors between them are never whole."
    effect = _effect("rolling", summary, found.graph, planned)
    return Optimized(found.graph, planned, (*found.effects, effect))


def _within(graph: Graph, ram_bytes: int) -> Plan:
    """A plan of at most `ram_bytes`, as far as there is one, with room for kernels where it is.

    Without room first: what is too large then does not get smaller by more of it.
    """
    budget = Budget(graph)
    least = budget.with_room(0).plan_within(ram_bytes)
    if least.arena_bytes > ram_bytes or not takes_room(graph.kernels):
        return least
    for share in _ROOM_SHARES[1:]:
        planned = budget.with_room(int(ram_bytes * share)).plan_within(ram_bytes)
        if planned.arena_bytes <= ram_bytes:
            return planned
    return least


def _roomier(found: Optimized) -> Optimized:
    """The same with more scratch memory for kernels that get faster by it, where the arena, which
    has the size of its largest step, has it anyway."""
    arena_bytes = found.planned.arena_bytes
    for share in _ROOM_SHARES if takes_room(found.graph.kernels) else ():
        graph = replace(found.graph, room_bytes=int(arena_bytes * share))
        planned = plan(graph)
        if planned.arena_bytes <= arena_bytes:
            return Optimized(graph, planned, found.effects)
    return found


def _until(arena_bytes: int, attempts: Iterable[Optimized]) -> Sequence[Optimized]:
    """The attempts up to the first whose arena is no larger than that; else all."""
    tried: list[Optimized] = []
    for attempt in attempts:
        tried.append(attempt)
        if attempt.planned.arena_bytes <= arena_bytes:
            break
    return tried


def _attempts(graph: Graph, as_read: Plan) -> Iterator[Optimized]:
    """All passes, and then without those that may enlarge the arena, unless they did nothing."""
    read = (
        _effect("as read", "The model as the file has it.", graph, plan(graph, in_place=False)),
        _effect("in place", "Lets outputs lie on inputs that nobody reads later.", graph, as_read),
    )
    seen: set[tuple[str, ...]] = set()
    for without in EARLY_MEMORY:
        stages = optimize(graph, without)
        before = (graph, *(stage.graph for stage in stages))
        changing = tuple(
            stage.name
            for stage, earlier in zip(stages, before, strict=False)
            if stage.graph is not earlier
        )
        if changing not in seen:
            seen.add(changing)
            yield _attempt(graph, as_read, read, stages)


def _attempt(
    graph: Graph, planned: Plan, read: Sequence[PassEffect], stages: Sequence[Stage]
) -> Optimized:
    effects = [*read]
    for stage in stages:
        if stage.graph is not graph:
            graph, planned = stage.graph, plan(stage.graph)
        effects.append(_effect(stage.name, stage.summary, graph, planned))
    effects.append(_effect("zero points", _folding(graph), graph, planned))
    return Optimized(graph, planned, tuple(effects))


_FOLDED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def _folding(graph: Graph) -> str:
    """What lowering saves by `edgekit.ops.convolution.folded_bias`."""
    folded = [found for found in graph.operations if found.op in _FOLDED]
    saved = sum(operators()[found.op].macs(graph, found) for found in folded)
    return (
        "Adds each input's zero point to the biases, so that kernels multiply what is stored: "
        f"{format_count(saved)} subtractions less."
    )


def _effect(name: str, summary: str, graph: Graph, planned: Plan) -> PassEffect:
    return PassEffect(
        name=name,
        summary=summary,
        steps=len(planned.steps),
        moving_steps=len(moving_operations(graph)),
        moved_bytes=moved_bytes(graph),
        arena_bytes=planned.arena_bytes,
    )
