from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.shapes import axes, tensors
from support.single_op import assert_equals_tflm, refusal


def along(axis: int, count: int) -> Any:
    return schema.PackOptionsT(axis=axis, valuesCount=count)


def packed(item: Value, axis: int, count: int) -> Value:
    shape = list(item.shape)
    shape.insert(axis % (len(shape) + 1), count)
    return dataclasses.replace(item, shape=tuple(shape))


@settings(max_examples=60, deadline=None)
@given(st.data(), tensors(), st.integers(1, 6), st.integers(0, 6))
def test_bytes_equal_tflm(data: Any, item: Value, count: int, fixed: int) -> None:
    """One of the inputs may be constant, but not the first."""
    axis = data.draw(axes(len(item.shape) + 1))
    inputs = [item] * count
    if 0 < fixed < count:
        values = np.random.default_rng(1).integers(-128, 128, item.shape, np.int8)
        inputs[fixed] = constant(values, scale=item.scale, zero_point=item.zero_point)
    assert_equals_tflm("PACK", inputs, packed(item, axis, count), along(axis, count))


def test_other_shapes_and_counts_are_refused() -> None:
    item = Value((2, 3), 0.1, 3)
    output = packed(item, 1, 4)
    for inputs, axis, count in (
        ([item] * 4, 0, 4), ([item] * 4, 3, 4), ([item] * 4, 1, 3),
        ([*[item] * 3, Value((3, 2), 0.1, 3)], 1, 4), ([item] * 3, 1, 3),
    ):  # fmt: skip
        message = refusal("PACK", inputs, output, along(axis, count))
        assert "its inputs have the output's shape without that axis" in (message or "")


def test_an_input_of_another_scale_is_refused() -> None:
    item = Value((2, 3), 0.1, 3)
    message = refusal("PACK", [item, Value((2, 3), 0.2, 3)], packed(item, 0, 2), along(0, 2))
    assert "int8 with the same scale and zero point" in (message or "")
