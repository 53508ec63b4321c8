from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.single_op import EXTENT, SCALE, ZERO_POINT, assert_equals_tflm, refusal

AXES = st.sampled_from([[1, 2], [2, 1], [-2, 1], [1], [2], [3], [-1], [2, 3], [0, 1]])


def axes(*values: int) -> Value:
    return constant(np.array(values, np.int32))


@settings(max_examples=40)
@given(
    st.tuples(st.just(1), EXTENT, EXTENT, EXTENT), AXES, st.booleans(), st.tuples(SCALE, ZERO_POINT)
)
def test_bytes_equal_tflm(
    shape: tuple[int, ...], over: list[int], keep_dims: bool, quantization: tuple[float, int]
) -> None:
    reduced = np.empty(shape, np.int8).max(tuple(over), keepdims=keep_dims).shape
    options = schema.ReducerOptionsT(keepDims=keep_dims)
    inputs = [Value(shape, *quantization), axes(*over)]
    assert_equals_tflm("REDUCE_MAX", inputs, Value(reduced, *quantization), options)


def test_another_scale_is_refused() -> None:
    inputs = [Value((1, 4, 5, 6), 0.1, 3), axes(1, 2)]
    message = refusal("REDUCE_MAX", inputs, Value((1, 6), 0.2, 3), schema.ReducerOptionsT())
    assert "scale" in (message or "")


def test_axes_that_do_not_touch_are_refused() -> None:
    inputs = [Value((1, 4, 5, 6), 0.1, 3), axes(1, 3)]
    message = refusal("REDUCE_MAX", inputs, Value((1, 5), 0.1, 3), schema.ReducerOptionsT())
    assert "neighbours" in (message or "")
