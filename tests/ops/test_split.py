from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.shapes import LENGTH, axes, tensors
from support.single_op import assert_equals_tflm, refusal


def axis_input(axis: int) -> Value:
    return constant(np.array(axis, np.int32))


def into(count: int) -> Any:
    return schema.SplitOptionsT(numSplits=count)


def split(part: Value, axis: int, lengths: Sequence[int]) -> tuple[list[Value], list[Value]]:
    """Axis and data, and the outputs, each like the part but for its length along the axis."""
    outputs = []
    for length in (*lengths, sum(lengths)):
        shape = list(part.shape)
        shape[axis] = length
        outputs.append(dataclasses.replace(part, shape=tuple(shape)))
    return [axis_input(axis), outputs[-1]], outputs[:-1]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Value], list[Value]]:
    part = draw(tensors(most=5))
    length = draw(LENGTH)
    return split(part, draw(axes(len(part.shape))), [length] * draw(st.integers(1, 5)))


@settings(max_examples=60, deadline=None)
@given(cases())
def test_bytes_equal_tflm(case: tuple[list[Value], list[Value]]) -> None:
    inputs, outputs = case
    assert_equals_tflm("SPLIT", inputs, outputs, into(len(outputs)))


def test_an_axis_that_is_not_there_or_not_known_is_refused() -> None:
    (_, data), outputs = split(Value((1, 2, 3), 0.1, 3), 2, [3, 3])
    for axis in (axis_input(3), axis_input(-4), Value((), dtype="int32")):
        message = refusal("SPLIT", [axis, data], outputs, into(2))
        assert "Its axis is one constant that exists in its input" in (message or "")


def test_outputs_that_do_not_add_up_are_refused() -> None:
    (axis, _), outputs = split(Value((1, 2, 3), 0.1, 3), 2, [3, 3])
    message = refusal("SPLIT", [axis, Value((1, 2, 7), 0.1, 3)], outputs, into(2))
    assert "where their extents add up" in (message or "")


def test_an_output_of_another_scale_is_refused() -> None:
    inputs, outputs = split(Value((1, 2, 3), 0.1, 3), 2, [3, 3])
    other = dataclasses.replace(outputs[1], scale=0.2)
    message = refusal("SPLIT", inputs, [outputs[0], other], into(2))
    assert "int8 with the same scale and zero point" in (message or "")


def test_constant_data_is_refused() -> None:
    (axis, data), outputs = split(Value((1, 2, 3), 0.1, 3), 2, [3, 3])
    fixed = constant(np.zeros(data.shape, np.int8), scale=0.1, zero_point=3)
    message = refusal("SPLIT", [axis, fixed], outputs, into(2))
    assert "not all of its input is constant" in (message or "")
