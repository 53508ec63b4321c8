"""Checks of ops that are tables: all 256 inputs at once, against an oracle."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema
from hypothesis import strategies as st

from support.graphs import refusals, single_op_graph
from support.kernels import run_operation
from support.models import Value, single_op
from support.oracle import tflm_outputs
from support.single_op import ZERO_POINT

SHAPE = (1, 8, 32)
EVERY_BYTE = np.arange(-128, 128, dtype=np.int8).reshape(SHAPE)

SCALE = st.floats(-12, 4).map(lambda exponent: float(np.float32(2.0**exponent)))
ENDS = st.tuples(SCALE, ZERO_POINT)
NEAR = st.floats(-6, 6)
"""How many times the output's scale is the input's, as a power of two."""


def value(end: tuple[float, int]) -> Value:
    """A tensor that has room for every byte."""
    return Value(SHAPE, *end)


@st.composite
def ends_nearby(draw: st.DrawFn) -> tuple[Value, Value]:
    """An input and an output whose scales are not too far apart."""
    source = value(draw(ENDS))
    assert isinstance(source.scale, float)
    scale = float(np.float32(source.scale * 2.0 ** draw(NEAR)))
    return source, value((scale, draw(ZERO_POINT)))


def assert_every_byte_equals(
    op: str,
    source: Value,
    target: Value,
    options: Any = None,
    oracle: Callable[[bytes, npt.NDArray[Any]], npt.NDArray[Any]] = tflm_outputs,
) -> None:
    """The compiler takes this form, and its kernel gives the oracle's 256 outputs."""
    graph, operation = single_op_graph(op, [source], target, options)
    assert refusals(graph, operation) is None
    expected = oracle(single_op(op, [source], target, options), EVERY_BYTE)
    found = run_operation(graph, operation, {0: EVERY_BYTE})
    np.testing.assert_array_equal(found.ravel(), expected.ravel())


@st.composite
def hard_swish(draw: st.DrawFn) -> bytes:
    """HARD_SWISH of any number of values."""
    shape = 1, draw(st.integers(1, 70))
    ends = [dataclasses.replace(end, shape=shape) for end in draw(ends_nearby())]
    return single_op("HARD_SWISH", [ends[0]], ends[1], schema.HardSwishOptionsT())
