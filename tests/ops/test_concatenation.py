from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.oracle import litert_outputs
from support.shapes import LENGTH, axes, tensors
from support.single_op import assert_equals_tflm, refusal


def along(axis: int, activation: int = 0) -> Any:
    return schema.ConcatenationOptionsT(axis=axis, fusedActivationFunction=activation)


def concatenated(
    first: Value, axis: int, lengths: Sequence[int], constants: Sequence[int] = ()
) -> tuple[list[Value], Value]:
    """Inputs like the first but for their lengths along the axis, some constant, and the output."""
    rng = np.random.default_rng(3)
    inputs = []
    for place, length in enumerate(lengths):
        value = dataclasses.replace(first, shape=with_length(first.shape, axis, length))
        if place in constants:
            data = rng.integers(-128, 128, value.shape, np.int8)
            value = constant(data, scale=first.scale, zero_point=first.zero_point)
        inputs.append(value)
    shape = with_length(first.shape, axis, sum(lengths))
    return inputs, dataclasses.replace(first, shape=shape)


def with_length(shape: tuple[int, ...], axis: int, length: int) -> tuple[int, ...]:
    changed = list(shape)
    changed[axis] = length
    return tuple(changed)


@st.composite
def cases(draw: st.DrawFn, least: int, most: int, rank: int) -> tuple[list[Value], Value, Any]:
    first = draw(tensors(most=rank))
    axis = draw(axes(len(first.shape)))
    lengths = draw(st.lists(LENGTH, min_size=least, max_size=most))
    constants = draw(st.sets(st.integers(1, most), max_size=2))
    return *concatenated(first, axis, lengths, tuple(constants)), along(axis)


@settings(max_examples=80, deadline=None)
@given(cases(1, 6, rank=4))
def test_bytes_equal_tflm(case: tuple[list[Value], Value, Any]) -> None:
    inputs, output, options = case
    assert_equals_tflm("CONCATENATION", inputs, output, options)


@settings(max_examples=10, deadline=None)
@given(cases(11, 14, rank=5))
def test_more_inputs_than_tflm_takes_equal_litert(case: tuple[list[Value], Value, Any]) -> None:
    inputs, output, options = case
    assert_equals_tflm("CONCATENATION", inputs, output, options, oracle=litert_outputs)


def test_an_input_of_another_scale_is_refused() -> None:
    """LiteRT refuses it, TFLM would take its bytes as they are."""
    inputs, output = concatenated(Value((1, 2, 3), 0.1, 3), 2, [3, 4])
    for change in ({"scale": 0.2}, {"zero_point": 4}, {"dtype": "int16"}):
        other = dataclasses.replace(inputs[1], **change)
        message = refusal("CONCATENATION", [inputs[0], other], output, along(2))
        assert "int8 with the same scale and zero point" in (message or "")


def test_constants_alone_are_refused() -> None:
    inputs, output = concatenated(Value((1, 2, 3), 0.1, 3), 2, [3, 4], constants=(0, 1))
    message = refusal("CONCATENATION", inputs, output, along(2))
    assert "not all of its input is constant" in (message or "")


def test_shapes_that_do_not_add_up_are_refused() -> None:
    inputs, output = concatenated(Value((1, 2, 3), 0.1, 3), 2, [3, 4])
    wrong = dataclasses.replace(inputs[1], shape=(1, 3, 4))
    short = dataclasses.replace(output, shape=(1, 2, 6))
    for these, target, axis in (
        (inputs, output, 1), (inputs, output, 3), ([inputs[0], wrong], output, 2),
        (inputs, short, 2),
    ):  # fmt: skip
        message = refusal("CONCATENATION", these, target, along(axis))
        assert "where their extents add up" in (message or "")


def test_a_fused_activation_is_refused() -> None:
    inputs, output = concatenated(Value((1, 2, 3), 0.1, 3), 2, [3, 4])
    message = refusal("CONCATENATION", inputs, output, along(2, activation=1))
    assert message == "It has no fused activation."
