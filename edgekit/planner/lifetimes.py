"""Which pieces of memory the steps need, how large each is, and from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edgekit.ir import Graph
from edgekit.ops import Scratch, operators
from edgekit.planner.steps import ScheduledStep, aliases


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of memory, alive from `first` to `last`, both inclusive.

    It holds the tensors of these numbers, which all start where it starts; or, when there are
    none, the scratch memory of step `first`, the `scratch`-th of that step.
    """

    bytes: int
    first: int
    last: int
    tensors: tuple[int, ...]
    scratch: int = 0

    def meets(self, other: Block) -> bool:
        """Whether both are alive in some step, so that they must not overlap."""
        return self.first <= other.last and other.first <= self.last


def blocks(graph: Graph, steps: Sequence[ScheduledStep], *, in_place: bool) -> tuple[Block, ...]:
    """Every block; an alias is part of its source's, and so is an output that lies on an input."""
    found = _tensor_blocks(graph, steps, aliases(graph))
    if in_place:
        found = _merged(graph, steps, found)
    whole = {id(block): block for block in found.values()}
    return (*whole.values(), *_scratch(steps))


def _tensor_blocks(
    graph: Graph, steps: Sequence[ScheduledStep], alias: Mapping[int, int]
) -> dict[int, Block]:
    """One block per tensor that is no alias, under every number that it goes by."""
    last = len(steps) - 1
    spans: dict[int, tuple[int, int]] = {}

    def touch(number: int, step: int) -> None:
        root = alias.get(number, number)
        first, until = spans.get(root, (step, step))
        spans[root] = (min(first, step), max(until, step))

    for number in graph.inputs:
        touch(number, 0)
    for step in steps:
        for number in (*step.operation.inputs, *step.operation.outputs):
            if number >= 0 and not graph.tensor(number).constant:
                touch(number, step.index)
    for number in graph.outputs:
        touch(number, last)
    return _numbered(graph, spans, alias)


def _numbered(
    graph: Graph, spans: Mapping[int, tuple[int, int]], alias: Mapping[int, int]
) -> dict[int, Block]:
    names: dict[int, list[int]] = {root: [root] for root in spans}
    for number, root in alias.items():
        if root in names:
            names[root].append(number)
    return {
        number: block
        for root, (first, last) in spans.items()
        for block in [Block(graph.tensor(root).bytes, first, last, tuple(names[root]))]
        for number in block.tensors
    }


def _merged(
    graph: Graph, steps: Sequence[ScheduledStep], found: Mapping[int, Block]
) -> dict[int, Block]:
    """Joins an output to an input of the same size that nobody reads later, where the op allows.

    Only equal sizes: then the working set of no step grows.
    """
    merged = dict(found)
    for step in steps:
        operation = step.operation
        for pair in operators()[operation.op].in_place(graph, operation):
            source = merged.get(operation.inputs[pair.input])
            target = merged[operation.outputs[pair.output]]
            if source is None or source is target or source.bytes != target.bytes:
                continue
            if not set(graph.outputs).isdisjoint(source.tensors):
                continue
            if source.last != step.index or target.first != step.index:
                continue
            whole = replace(source, last=target.last, tensors=(*source.tensors, *target.tensors))
            merged.update(dict.fromkeys(whole.tensors, whole))
            break
    return merged


def _scratch(steps: Sequence[ScheduledStep]) -> tuple[Block, ...]:
    return tuple(
        Block(need.bytes, step.index, step.index, (), order)
        for step in steps
        for order, need in enumerate(
            argument for argument in step.arguments if isinstance(argument, Scratch)
        )
    )
