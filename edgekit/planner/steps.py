"""The order in which the device runs a graph: one step per operation that costs run time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edgekit.ir import Graph, Operation
from edgekit.ops import Argument, KernelCall, View, operators


@dataclass(frozen=True, slots=True, eq=False)
class ScheduledStep:
    """An operation, at its place in the schedule, with the kernel calls that it lowers to."""

    index: int
    operation: Operation
    calls: tuple[KernelCall, ...]

    @property
    def arguments(self) -> Iterator[Argument]:
        """All arguments of all calls, in order."""
        return (argument for call in self.calls for argument in call.arguments)


def schedule(graph: Graph) -> tuple[ScheduledStep, ...]:
    """The steps, 0 first; operations without a call only give memory another name."""
    known = operators()
    lowered = ((found, known[found.op].calls(graph, found)) for found in graph.operations)
    running = [(operation, calls) for operation, calls in lowered if calls]
    return tuple(ScheduledStep(index, *found) for index, found in enumerate(running))


def views(graph: Graph) -> Mapping[int, View]:
    """For each tensor that is another's memory: where it lies in the outermost one.

    A tensor is part of one whole at most; the whole may itself be part of another.
    """
    known = operators()
    inner = {
        view.part: view
        for operation in graph.operations
        for view in known[operation.op].views(graph, operation)
    }
    return {part: _outermost(view, inner) for part, view in inner.items()}


def _outermost(view: View, inner: Mapping[int, View]) -> View:
    while view.whole in inner:
        outer = inner[view.whole]
        view = View(view.part, outer.whole, outer.offset + view.offset)
    return view
