from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.single_op import EXTENT, SCALE, ZERO_POINT, assert_equals_tflm, refusal

KERNELS = ["", "dsp", "dsp_dual", "mve"]
AXES = st.sampled_from([[1, 2], [2, 1], [-2, 1], [2, 2], [1], [2], [3], [-1], [2, 3], [0, 1]])


def axes(*values: int) -> Value:
    return constant(np.array(values, np.int32))


def keep(dims: bool) -> Any:
    options = schema.ReducerOptionsT()
    options.keepDims = dims
    return options


def reduced(shape: tuple[int, ...], over: list[int], keep_dims: bool) -> tuple[int, ...]:
    return np.empty(shape, np.int8).sum(tuple(set(over)), keepdims=keep_dims).shape


@settings(max_examples=120)
@given(
    st.tuples(st.just(1), EXTENT, EXTENT, EXTENT),
    AXES,
    st.booleans(),
    st.tuples(SCALE, ZERO_POINT),
    st.none() | st.tuples(SCALE, ZERO_POINT),
    st.sampled_from(KERNELS),
)
def test_bytes_equal_tflm(
    shape: tuple[int, ...],
    over: list[int],
    keep_dims: bool,
    source: tuple[float, int],
    target: tuple[float, int] | None,
    kernels: str,
) -> None:
    """Without a target of its own, the output keeps the input's scale and zero point."""
    over = list(dict.fromkeys(over))
    output = Value(reduced(shape, over, keep_dims), *(target or source))
    inputs = [Value(shape, *source), axes(*over)]
    assert_equals_tflm("MEAN", inputs, output, keep(keep_dims), kernels=kernels)


@pytest.mark.parametrize("kernels", KERNELS)
def test_a_mean_over_a_large_image_equals_tflm(kernels: str) -> None:
    inputs = [Value((1, 96, 64, 5), 0.02, -100), axes(1, 2)]
    assert_equals_tflm("MEAN", inputs, Value((1, 5), 0.011, 5), keep(False), kernels=kernels)


def test_lower_ranks_equal_tflm() -> None:
    inputs = [Value((1, 5, 3), 0.02, -100), axes(1)]
    assert_equals_tflm("MEAN", inputs, Value((1, 3), 0.011, 5), keep(False))


def test_axes_that_do_not_touch_are_refused() -> None:
    source = Value((1, 4, 5, 6), 0.1, 3)
    message = refusal("MEAN", [source, axes(1, 3)], Value((1, 5), 0.1, 3), keep(False))
    assert message == "Its axes are constant int32, one or two, neighbours, and exist in the input."


def test_axes_that_are_not_there_are_refused() -> None:
    source = Value((1, 4, 5, 6), 0.1, 3)
    for wrong in (axes(4), axes(-5), axes(), axes(1, 2, 3), Value((2,), dtype="int32")):
        message = refusal("MEAN", [source, wrong], Value((1, 6), 0.1, 3), keep(False))
        assert "one or two, neighbours" in (message or "")


def test_an_output_of_another_shape_is_refused() -> None:
    source = Value((1, 4, 5, 6), 0.1, 3)
    message = refusal("MEAN", [source, axes(1, 2)], Value((1, 6), 0.1, 3), keep(True))
    assert "keep_dims" in (message or "")
