"""The rules that every graph keeps, as code: checked after reading and between passes.

Each rule is one function whose docstring states it; it yields a sentence per breach.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from edgekit.ir.graph import Graph, Quantization, Tensor

Rule = Callable[[Graph], Iterator[str]]


def numbers_exist(graph: Graph) -> Iterator[str]:
    """Every tensor number names a tensor; -1 stands for an absent input of an operation only."""
    known = range(len(graph.tensors))
    for number in (*graph.inputs, *graph.outputs):
        if number not in known:
            yield f"the graph uses tensor {number}, there are {len(graph.tensors)}"
    for operation in graph.operations:
        place = f"{operation.op} #{operation.index}"
        if not operation.outputs:
            yield f"{place} has no output"
        if any(number != -1 and number not in known for number in operation.inputs):
            yield f"{place} reads a tensor that does not exist"
        if any(number not in known for number in operation.outputs):
            yield f"{place} writes a tensor that does not exist"


def values_are_made_once(graph: Graph) -> Iterator[str]:
    """A value is a constant, an input of the graph, or the output of one operation."""
    made = set(graph.inputs)
    for number in graph.inputs:
        if graph.tensor(number).constant:
            yield f"input {graph.tensor(number).name} is a constant"
    for operation in graph.operations:
        for number in operation.outputs:
            if number in made or graph.tensor(number).constant:
                yield f"{graph.where(operation)} writes a value that exists already"
            made.add(number)


def values_exist_when_used(graph: Graph) -> Iterator[str]:
    """Operations stand in an order in which they can run, and every graph output is made."""
    made = set(graph.inputs)
    for operation in graph.operations:
        for number in operation.inputs:
            if number != -1 and number not in made and not graph.tensor(number).constant:
                yield f"{graph.where(operation)} uses {graph.tensor(number).name} before it is made"
        made.update(operation.outputs)
    for number in graph.outputs:
        if number not in made:
            yield f"output {graph.tensor(number).name} is never made"


def shapes_are_positive(graph: Graph) -> Iterator[str]:
    """Every extent is known and at least 1."""
    for tensor in graph.tensors:
        if any(extent < 1 for extent in tensor.shape):
            yield f"{tensor.name} has shape {list(tensor.shape)}"


def constants_have_their_shape(graph: Graph) -> Iterator[str]:
    """A constant's data have the shape and dtype of its tensor."""
    for tensor in graph.tensors:
        if tensor.data is None:
            continue
        if tensor.data.shape != tensor.shape or tensor.data.dtype != tensor.dtype.value:
            yield f"{tensor.name}: {tensor.data.dtype} {tensor.data.shape} data"


def quantization_is_whole(graph: Graph) -> Iterator[str]:
    """Scales are finite and positive, one or one per slice, with as many zero points."""
    for tensor in graph.tensors:
        if tensor.quantization is not None:
            yield from _quantization_breaches(tensor, tensor.quantization)


def _quantization_breaches(tensor: Tensor, found: Quantization) -> Iterator[str]:
    if not all(math.isfinite(scale) and scale > 0 for scale in found.scales):
        yield f"{tensor.name} has a scale that is not positive and finite"
    if len(found.zero_points) != len(found.scales):
        yield f"{tensor.name}: {len(found.scales)} scales, {len(found.zero_points)} zero points"
    if not found.scales:
        yield f"{tensor.name} is quantized without a scale"
    if found.per_channel and (
        not 0 <= found.axis < len(tensor.shape) or tensor.shape[found.axis] != len(found.scales)
    ):
        yield (
            f"{tensor.name}: {len(found.scales)} scales along axis {found.axis} "
            f"of shape {list(tensor.shape)}"
        )


STRUCTURE: tuple[Rule, ...] = (numbers_exist,)
RULES: tuple[Rule, ...] = (
    values_are_made_once,
    values_exist_when_used,
    shapes_are_positive,
    constants_have_their_shape,
    quantization_is_whole,
)


def breaches(graph: Graph) -> tuple[str, ...]:
    """Every breach of every rule; empty for a graph that keeps them."""
    # The other rules look tensors up, so the numbers must be right first.
    broken = tuple(text for rule in STRUCTURE for text in rule(graph))
    return broken or tuple(text for rule in RULES for text in rule(graph))


def verify(graph: Graph, stage: str) -> Graph:
    """The graph itself; a breach after one of our own passes is a bug of ours."""
    broken = breaches(graph)
    assert not broken, f"after {stage}: " + "; ".join(broken)
    return graph
