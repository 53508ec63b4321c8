"""What passes need to look around in a graph and to make the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from edgekit.ir import Graph, Operation, Tensor


def producers(graph: Graph) -> dict[int, Operation]:
    """The operation that makes each value; constants and inputs have none."""
    return {number: operation for operation in graph.operations for number in operation.outputs}


def readers(graph: Graph) -> dict[int, list[Operation]]:
    """The operations that read each value, in order."""
    found: dict[int, list[Operation]] = {number: [] for number in range(len(graph.tensors))}
    for operation in graph.operations:
        for number in dict.fromkeys(operation.inputs):
            if number >= 0:
                found[number].append(operation)
    return found


def only_reader(graph: Graph, number: int) -> Operation | None:
    """The one operation that reads a value, which is no result of the graph; else None."""
    if number in graph.outputs:
        return None
    found = [operation for operation in graph.operations if number in operation.inputs]
    return found[0] if len(found) == 1 else None


def with_operations(graph: Graph, operations: Iterable[Operation]) -> Graph:
    """The graph with other operations."""
    return replace(graph, operations=tuple(operations))


def renamed(operation: Operation, names: Mapping[int, int]) -> Operation:
    """The operation reading other values in place of some."""
    inputs = tuple(names.get(number, number) for number in operation.inputs)
    return operation if inputs == operation.inputs else replace(operation, inputs=inputs)


def same_meaning(one: Tensor, other: Tensor) -> bool:
    """Whether stored values of both stand for the same real values."""
    a, b = one.quantization, other.quantization
    if a is None or b is None:
        return False
    return (a.scales, a.zero_points) == (b.scales, b.zero_points)
