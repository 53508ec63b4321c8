"""Graphs run op by op by their kernels on the host, without a plan: what passes must not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, verify
from edgekit.ops import operators
from edgekit.tflite import read_graph
from support.kernels import run_outputs
from support.oracle import tflm_outputs

Int8 = npt.NDArray[np.int8]


def run_graph(graph: Graph, x: Int8) -> Int8:
    """The output of one input, both without a batch."""
    known: dict[int, Int8] = {graph.inputs[0]: x.reshape(graph.tensor(graph.inputs[0]).shape)}
    for operation in graph.operations:
        if operators()[operation.op].kernel is None:
            shape = graph.tensor(operation.outputs[0]).shape
            start = operation.attributes.offset
            values = known[operation.inputs[0]].reshape(-1)[start : start + int(np.prod(shape))]
            known[operation.outputs[0]] = values.reshape(shape)
            continue
        given = {number: known[number] for number in operation.inputs if number in known}
        made = run_outputs(graph, operation, given)
        known.update(zip(operation.outputs, made, strict=True))
    return known[graph.outputs[0]]


def noise(graph: Graph, count: int = 6) -> Int8:
    """`[count, ...]` int8 inputs: noise, and the extremes of which overflows are made."""
    shape = graph.tensor(graph.inputs[0]).unbatched
    rng = np.random.default_rng(0)
    drawn = rng.integers(-128, 128, (count - 2, *shape), dtype=np.int8)
    flat = [np.full((1, *shape), value, np.int8) for value in (-128, 127)]
    return np.concatenate([drawn, *flat])


def passed(
    model: bytes,
    run: Callable[[Graph], Graph],
    oracle: Callable[..., npt.NDArray[Any]] = tflm_outputs,
) -> Graph:
    """The graph of a model after a pass, which keeps the IR's rules and the oracle's bytes."""
    read = read_graph(model, "net")
    graph = verify(run(read), "the pass")
    x = noise(read)
    expected = oracle(model, x[:, None] if oracle is not tflm_outputs else x)
    for values, wanted in zip(x, expected, strict=True):
        np.testing.assert_array_equal(run_graph(graph, values).ravel(), wanted.ravel())
    return graph


def ops(graph: Graph) -> list[str]:
    """The ops that cost run time, in order."""
    return [found.op for found in graph.operations if operators()[found.op].kernel]
