"""The passes over a graph, and what each of them did to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from edgekit.artifacts import PassEffect
from edgekit.ir import Graph
from edgekit.passes import EARLY_MEMORY, optimize
from edgekit.passes.moves import moved_bytes, moving_operations
from edgekit.planner import Budget, Plan, plan


@dataclass(frozen=True, slots=True, eq=False)
class Optimized:
    """The graph to compile, its plan, and the way there."""

    graph: Graph
    planned: Plan
    effects: tuple[PassEffect, ...]


def optimized(graph: Graph, ram_bytes: int | None = None) -> Optimized:
    """Runs the passes over a graph as it was read, and plans it after each.

    Memory comes first: where the passes would enlarge the arena, those that can are left out.
    With `ram_bytes`, operations run row by row until the arena is no larger, as far as they can.
    """
    found = _passed(graph)
    if ram_bytes is None or found.planned.arena_bytes <= ram_bytes:
        return found
    planned = Budget(found.graph).plan_within(ram_bytes)
    summary = "Runs operations row by row together, so that tensors between them are never whole."
    effect = _effect("rolling", summary, found.graph, planned)
    return Optimized(found.graph, planned, (*found.effects, effect))


def _passed(graph: Graph) -> Optimized:
    planned = plan(graph)
    read = _effect("as read", "The model as the file has it.", graph, planned)
    found: list[Optimized] = []
    for without in EARLY_MEMORY:
        found.append(_attempt(graph, planned, read, without))
        if found[-1].planned.arena_bytes <= planned.arena_bytes:
            return found[-1]
    return min(found, key=lambda attempt: attempt.planned.arena_bytes)


def _attempt(graph: Graph, planned: Plan, read: PassEffect, without: Collection[str]) -> Optimized:
    effects = [read]
    for stage in optimize(graph, without):
        if stage.graph is not graph:
            graph, planned = stage.graph, plan(stage.graph)
        effects.append(_effect(stage.name, stage.summary, graph, planned))
    return Optimized(graph, planned, tuple(effects))


def _effect(name: str, summary: str, graph: Graph, planned: Plan) -> PassEffect:
    return PassEffect(
        name=name,
        summary=summary,
        steps=len(planned.steps),
        moving_steps=len(moving_operations(graph)),
        moved_bytes=moved_bytes(graph),
        arena_bytes=planned.arena_bytes,
    )
