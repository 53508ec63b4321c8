from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graphs import single_op_graph
from support.kernels import run_call
from support.models import Value, single_op
from support.oracle import tflm_outputs
from support.single_op import EXTENT, SCALE, ZERO_POINT, assert_equals_tflm, refusal

from edgekit.ops.quantize import quantize_call

SHAPE = st.lists(EXTENT, max_size=3).map(lambda rest: (1, *rest))
SOURCE = Value((1, 4, 4), 0.1, 3)


@settings(max_examples=100)
@given(SHAPE, SCALE, ZERO_POINT, SCALE, ZERO_POINT)
def test_bytes_equal_tflm(
    shape: tuple[int, ...], scale: float, zero_point: int, to_scale: float, to_zero_point: int
) -> None:
    target = Value(shape, to_scale, to_zero_point)
    assert_equals_tflm("QUANTIZE", [Value(shape, scale, zero_point)], target)


def test_the_widest_ratio_of_scales_equals_tflm() -> None:
    target = Value((1, 8), 2.0**-21, 0)
    assert_equals_tflm("QUANTIZE", [Value((1, 8), 1.0, 0)], target)


def test_scales_too_far_apart_are_refused() -> None:
    target = dataclasses.replace(SOURCE, scale=0.1 * 2.0**-23)
    assert refusal("QUANTIZE", [SOURCE], target) == (
        "Its input's scale is less than 2^22 times its output's."
    )


def test_other_types_are_refused() -> None:
    for other in (
        dataclasses.replace(SOURCE, dtype="float32", scale=None),
        dataclasses.replace(SOURCE, dtype="uint8"),
        dataclasses.replace(SOURCE, scale=None),
    ):
        assert "are int8" in (refusal("QUANTIZE", [other], SOURCE) or "")
        assert "are int8" in (refusal("QUANTIZE", [SOURCE], other) or "")


@settings(max_examples=100)
@given(SCALE, ZERO_POINT, st.integers(0, 2**32 - 1))
def test_real_values_become_the_bytes_of_tflm(scale: float, zero_point: int, seed: int) -> None:
    x = _reals(scale, seed)
    source, target = Value(x.shape, None, dtype="float32"), Value(x.shape, scale, zero_point)
    expected = tflm_outputs(single_op("QUANTIZE", [source], target), x[None])
    np.testing.assert_array_equal(_quantized(x, target), expected.ravel())


def _reals(scale: float, seed: int) -> np.ndarray:
    """Values in and around the range, halves of steps and their neighbours, and large ones."""
    random = np.random.default_rng(seed)
    steps = random.uniform(-300, 300, 64)
    halves = random.integers(-300, 300, 32) + 0.5
    exact = (np.concatenate([steps, halves, [0.5, -0.5, 2.0**29, -(2.0**29)]])).astype(np.float32)
    values = exact * np.float32(scale)
    near = [np.nextafter(values, np.float32(end)) for end in (-np.inf, np.inf)]
    return np.concatenate([values, *near])[None].astype(np.float32)


def _quantized(x: np.ndarray, target: Value) -> np.ndarray:
    source = Value(x.shape, None, dtype="float32")
    graph, _ = single_op_graph("QUANTIZE", [source], target)
    given = {0: x.view(np.int8).ravel(), 1: np.zeros(x.size, np.int8)}
    return run_call(quantize_call(graph, 0, 1), given)[1]


def test_what_no_int8_holds_saturates_and_no_number_is_the_lowest() -> None:
    x = np.array([[np.inf, -np.inf, 3e38, -3e38, np.nan]], np.float32)
    found = _quantized(x, Value(x.shape, 0.25, -3))
    assert found.tolist() == [127, -128, 127, -128, -128]
