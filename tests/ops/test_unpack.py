from __future__ import annotations

import dataclasses
from typing import Any

from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value
from support.shapes import axes, tensors
from support.single_op import assert_equals_tflm, refusal


def along(axis: int, count: int) -> Any:
    return schema.UnpackOptionsT(axis=axis, num=count)


def slices(whole: Value, axis: int) -> list[Value]:
    shape = list(whole.shape)
    count = shape.pop(axis)
    return [dataclasses.replace(whole, shape=tuple(shape))] * count


@settings(max_examples=60, deadline=None)
@given(st.data(), tensors(most=5))
def test_bytes_equal_tflm(data: Any, whole: Value) -> None:
    axis = data.draw(axes(len(whole.shape)))
    outputs = slices(whole, axis)
    assert_equals_tflm("UNPACK", [whole], outputs, along(axis, len(outputs)))


def test_other_shapes_and_counts_are_refused() -> None:
    whole = Value((2, 3, 4), 0.1, 3)
    for outputs, axis, count in (
        (slices(whole, 1), 0, 2), (slices(whole, 1), 3, 3), (slices(whole, 1), 1, 2),
        (slices(whole, 1)[:2], 1, 3),
    ):  # fmt: skip
        message = refusal("UNPACK", [whole], outputs, along(axis, count))
        assert "its outputs have the input's shape without that axis" in (message or "")
