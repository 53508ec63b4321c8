"""The passes in their order, with the IR's rules checked after each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from edgekit.ir import Graph, verify
from edgekit.ops import operators
from edgekit.passes.clamps import fold_clamps
from edgekit.passes.composing import compose_tables
from edgekit.passes.dead_channels import remove_dead_channels
from edgekit.passes.dead_ops import remove_dead_ops
from edgekit.passes.delaying import delay_parts
from edgekit.passes.freeing import free_early
from edgekit.passes.identities import remove_identities
from edgekit.passes.pads import fold_pads
from edgekit.passes.placing import place_parts
from edgekit.passes.planes import stack_planes
from edgekit.passes.routes import route_channels
from edgekit.passes.shuffles import fold_shuffles
from edgekit.passes.slices import name_slices

Pass = Callable[[Graph], Graph]

PASSES: tuple[tuple[str, Pass], ...] = (
    ("dead ops", remove_dead_ops),
    ("clamps", fold_clamps),
    ("tables", compose_tables),
    ("pads", fold_pads),
    ("identities", remove_identities),
    ("shuffles", fold_shuffles),
    ("channel routes", route_channels),
    ("dead channels", remove_dead_channels),
    ("slices", name_slices),
    ("last readers", free_early),
    ("planes", stack_planes),
    ("concatenations", place_parts),
    ("order", delay_parts),
)
"""Each sees what those before it left; the first line of its docstring says what it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A pass by name, what it does in words, and the graph after it."""

    name: str
    summary: str
    graph: Graph


EARLY_MEMORY: tuple[frozenset[str], ...] = (
    frozenset({"planes"}),
    frozenset(),
    frozenset({"order", "planes"}),
    frozenset({"channel routes", "planes"}),
    frozenset({"channel routes", "planes", "order"}),
    frozenset({"channel routes", "planes", "concatenations"}),
)
"""Passes that save time and mostly memory, but take the memory of a whole before its last part is
made, and the one that helps against that where it must: what to leave out, in turn, where that
costs more than it saves."""


def optimize(graph: Graph, without: Collection[str] = ()) -> tuple[Stage, ...]:
    """One stage per pass, but for those left out; the last has the graph to compile. Its inputs
    and outputs keep their numbers, and for the same inputs its outputs are the same bytes."""
    stages = []
    for name, run in PASSES:
        if name in without:
            continue
        found = verify(run(graph), name)
        if _runs(found):
            graph = found
        stages.append(Stage(name, (run.__doc__ or "").split("\n")[0], graph))
    return tuple(stages)


def _runs(graph: Graph) -> bool:
    """Whether a step is left: firmware without one has nothing to measure."""
    known = operators()
    return any(known[found.op].calls(graph, found) for found in graph.operations)
