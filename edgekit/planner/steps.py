"""The order in which the device runs a graph: one step per operation that costs run time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edgekit.ir import Graph, Operation
from edgekit.ops import Argument, KernelCall, operators


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
    """The steps, 0 first; operations without a kernel only give memory another name."""
    known = operators()
    running = [operation for operation in graph.operations if known[operation.op].kernel]
    return tuple(
        ScheduledStep(index, operation, known[operation.op].calls(graph, operation))
        for index, operation in enumerate(running)
    )


def aliases(graph: Graph) -> Mapping[int, int]:
    """For each tensor that is another's memory under another shape: that other's number."""
    known = operators()
    found: dict[int, int] = {}
    for operation in graph.operations:
        if known[operation.op].kernel is None:
            source = operation.inputs[0]
            found[operation.outputs[0]] = found.get(source, source)
    return found
