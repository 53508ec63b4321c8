"""The passes over a graph, and what each of them did to it."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.artifacts import PassEffect
from edgekit.ir import Graph
from edgekit.passes import optimize
from edgekit.passes.moves import moved_bytes, moving_operations
from edgekit.planner import Plan, plan


@dataclass(frozen=True, slots=True, eq=False)
class Optimized:
    """The graph to compile, its plan, and the way there."""

    graph: Graph
    planned: Plan
    effects: tuple[PassEffect, ...]


def optimized(graph: Graph) -> Optimized:
    """Runs the passes over a graph as it was read, and plans it after each."""
    planned = plan(graph)
    effects = [_effect("as read", "The model as the file has it.", graph, planned)]
    for stage in optimize(graph):
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
