"""Draws for ops on two tensors: shapes, which one is constant, quantizations, each by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import strategies as st

from support.graphs import single_op_graph
from support.models import Value, constant, single_op
from support.single_op import ACTIVATION, SCALE, ZERO_POINT

QUANTIZATION = st.tuples(SCALE, ZERO_POINT)
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """Two inputs and an output."""

    inputs: list[Value]
    output: Value


@st.composite
def stretched(draw: st.DrawFn, most_dimensions: int = 5) -> tuple[Shape, Shape]:
    """Two shapes of one rank that broadcast: some axes of one or the other are 1."""
    full = [1, *draw(st.lists(st.integers(1, 5), max_size=most_dimensions - 1))]
    kinds = [draw(st.sampled_from(["none", "none", "first", "second"])) for _ in full]
    first = tuple(1 if k == "first" else n for n, k in zip(full, kinds, strict=True))
    second = tuple(1 if k == "second" else n for n, k in zip(full, kinds, strict=True))
    return first, second


@st.composite
def cases(draw: st.DrawFn, *, most_dimensions: int = 5, one_quantization: bool = False) -> Case:
    """Any two inputs of which at most one is constant, and an output of their joint shape."""
    shapes = draw(stretched(most_dimensions))
    fixed = draw(st.sampled_from([None, None, 0, 1]))
    shared = draw(QUANTIZATION)
    ends = [shared if one_quantization else draw(QUANTIZATION) for _ in range(3)]
    output = Value(np.broadcast_shapes(*shapes), *ends[2])
    inputs = [Value(shape, *end) for shape, end in zip(shapes, ends, strict=False)]
    if fixed is not None:
        rng = np.random.default_rng(draw(st.integers(0, 1 << 20)))
        inputs[fixed] = _constant(rng, inputs[fixed], shorter=draw(st.booleans()))
    return Case(inputs, output)


def _constant(rng: np.random.Generator, value: Value, *, shorter: bool) -> Value:
    """Any bytes, the limits among them; `shorter` leaves out leading axes of 1."""
    shape = value.shape
    while shorter and shape and shape[0] == 1:
        shape = shape[1:]
    data = rng.choice(np.r_[-128, 127, rng.integers(-128, 128, 6)], shape)
    return constant(np.asarray(data, np.int8), scale=value.scale, zero_point=value.zero_point)


def kernel_of(op: str, case: Case, options: Any = None) -> str:
    """The function that the op is lowered to."""
    from edgekit.ops import operators

    graph, operation = single_op_graph(op, case.inputs, case.output, options)
    return operators()[op].lower(graph, operation).function


@st.composite
def addition(draw: st.DrawFn) -> bytes:
    """ADD of an image and a constant one."""
    shape = 1, draw(st.integers(1, 3)), draw(st.integers(1, 41))
    first, second, target = (draw(QUANTIZATION) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 20)))
    inputs = [Value(shape, *first), _constant(rng, Value(shape, *second), shorter=False)]
    options = schema.AddOptionsT(fusedActivationFunction=draw(ACTIVATION))
    return single_op("ADD", inputs, Value(shape, *target), options)


@st.composite
def multiplication(draw: st.DrawFn) -> bytes:
    """MUL of an image and a constant one, which may be stretched along rows or channels."""
    shape = 1, draw(st.integers(1, 3)), draw(st.integers(2, 41))
    other = draw(st.sampled_from([shape, (1, 1, shape[2]), (1, shape[1] + 1, 1)]))
    rows = max(shape[1], other[1])
    first, second, target = (draw(QUANTIZATION) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 20)))
    image = Value((1, rows, shape[2]), *first)
    inputs = [image, _constant(rng, Value(other, *second), shorter=False)]
    options = schema.MulOptionsT(fusedActivationFunction=draw(ACTIVATION))
    return single_op("MUL", inputs, Value(image.shape, *target), options)
