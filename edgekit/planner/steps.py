"""The order in which the device runs a graph: one step per operation that costs run time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edgekit.ir import Graph, Operation
from edgekit.ops import Argument, Constant, InPlace, KernelCall, Scratch, operators
from edgekit.planner.rolling import Rolling


@dataclass(frozen=True, slots=True, eq=False)
class ScheduledStep:
    """An operation, at its place in the schedule, with the kernel calls that it lowers to.

    Or several that run row by row: then `operation` is the last of them, and `calls` is empty.
    """

    index: int
    operation: Operation
    calls: tuple[KernelCall, ...]
    rolling: Rolling | None = None

    @property
    def op(self) -> str:
        """TFLite's name of its operation; ROLLED for several that run row by row."""
        return "ROLLED" if self.rolling else self.operation.op

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All of its operations, in order."""
        return self.rolling.operations if self.rolling else (self.operation,)

    @property
    def inputs(self) -> tuple[int, ...]:
        """The tensors that it is given; -1 where an optional one is absent."""
        return self.rolling.inputs if self.rolling else self.operation.inputs

    @property
    def outputs(self) -> tuple[int, ...]:
        """The tensors that it leaves."""
        return self.operation.outputs

    @property
    def lowered(self) -> Sequence[tuple[Operation, tuple[KernelCall, ...]]]:
        """Each of its operations with its kernel calls."""
        if self.rolling:
            return [(member.operation, member.calls) for member in self.rolling.members]
        return [(self.operation, self.calls)]

    @property
    def headers(self) -> Iterator[str]:
        """Those of the kernels that it calls."""
        return (call.header for _, calls in self.lowered for call in calls)

    @property
    def constants(self) -> Iterator[Constant]:
        """What its kernels read from flash."""
        if self.rolling:
            return self.rolling.constants
        return (found for found in self._arguments if isinstance(found, Constant))

    @property
    def scratch(self) -> Iterator[Scratch]:
        """The working memory that it needs, piece by piece."""
        if self.rolling:
            return iter(self.rolling.scratch)
        return (found for found in self._arguments if isinstance(found, Scratch))

    @property
    def _arguments(self) -> Iterator[Argument]:
        return (argument for call in self.calls for argument in call.arguments)

    def in_place(self, graph: Graph) -> Sequence[InPlace]:
        """Which outputs may lie on which inputs, both by their place in the step's."""
        if self.rolling:
            on_top_of = self.rolling.on_top_of
            return tuple(InPlace(self.inputs.index(number), 0) for number in on_top_of)
        return operators()[self.operation.op].in_place(graph, self.operation)


def schedule(graph: Graph) -> tuple[ScheduledStep, ...]:
    """The steps, 0 first; operations without a call only give memory another name."""
    known = operators()
    lowered = ((found, known[found.op].calls(graph, found)) for found in graph.operations)
    running = [(operation, calls) for operation, calls in lowered if calls]
    return tuple(ScheduledStep(index, *found) for index, found in enumerate(running))


def with_rolled(
    steps: Sequence[ScheduledStep], rolled: Sequence[Rolling]
) -> tuple[ScheduledStep, ...]:
    """The steps with the operations of each `Rolling` as one, where the last of them was."""
    last = {id(rolling.operations[-1]): rolling for rolling in rolled}
    inner = {id(found) for rolling in rolled for found in rolling.operations[:-1]}
    found: list[ScheduledStep] = []
    for step in steps:
        rolling = last.get(id(step.operation))
        if rolling is not None:
            found.append(ScheduledStep(len(found), step.operation, (), rolling))
        elif id(step.operation) not in inner:
            found.append(replace(step, index=len(found)))
    return tuple(found)
