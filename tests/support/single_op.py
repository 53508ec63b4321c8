"""Draws and checks for ops of one kernel call; each field is drawn by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from support.graphs import refusals, single_op_graph
from support.kernels import run_outputs
from support.models import Value, single_op
from support.oracle import tflm_outputs

EXTENT = st.integers(1, 7)
ZERO_POINT = st.integers(-128, 127)
ACTIVATION = st.integers(0, 3)
"""NONE, RELU, RELU_N1_TO_1, RELU6 in the schema."""
SCALE = st.floats(-9, 1).map(lambda exponent: float(np.float32(2.0**exponent)))

Int8 = npt.NDArray[np.int8]


def inputs_for(shape: tuple[int, ...], seed: int) -> Int8:
    """`[5, *shape]` int8 for an input of that shape: two noisy ones, and the extremes."""
    random = np.random.default_rng(seed).integers(-128, 128, (2, *shape), np.int8)
    flat = [np.full((1, *shape), value, np.int8) for value in (-128, 127)]
    sides = np.where(random[:1] < 0, -128, 127).astype(np.int8)
    return np.concatenate([random, *flat, sides])


def assert_equals_tflm(
    op: str,
    inputs: Sequence[Value],
    output: Value | Sequence[Value],
    options: Any = None,
    *,
    seed: int = 0,
    oracle: Callable[..., npt.NDArray[Any]] = tflm_outputs,
    kernels: str = "",
) -> None:
    """The op's kernels, those of a family of cores, give TFLM's bytes, and the compiler takes this
    form of it.

    `oracle` may be `litert_outputs`, for forms that TFLM refuses.
    """
    graph, operation = single_op_graph(op, inputs, output, options)
    assert refusals(graph, operation) is None
    graph = replace(graph, kernels=kernels)
    given = [inputs_for(graph.tensor(n).shape, seed + n) for n in graph.inputs]
    expected = [
        oracle(single_op(op, inputs, output, options, result=result), *given)
        for result in range(len(operation.outputs))
    ]
    for index in range(len(given[0])):
        chosen = {n: x[index] for n, x in zip(graph.inputs, given, strict=True)}
        found = run_outputs(graph, operation, chosen)
        for values, wanted in zip(found, expected, strict=True):
            np.testing.assert_array_equal(values.ravel(), wanted[index].ravel())


def refusal(
    op: str, inputs: Sequence[Value], output: Value | Sequence[Value], options: Any = None
) -> str | None:
    """Why the compiler does not take this form of an op; None when it does."""
    return refusals(*single_op_graph(op, inputs, output, options))
