from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graphs import single_op_graph
from support.kernels import run_operation
from support.models import Value, single_op
from support.oracle import tflm_outputs
from support.single_op import EXTENT, ZERO_POINT, assert_equals_tflm, refusal

SCALE = st.floats(-12, 5).map(lambda exponent: float(np.float32(2.0**exponent)))
BETA = st.just(1.0) | st.floats(0.125, 4.0, width=32)


def softmax(beta: float = 1.0) -> Any:
    options = schema.SoftmaxOptionsT()
    options.beta = beta
    return options


def output(shape: tuple[int, ...]) -> Value:
    return Value(shape, 1 / 256, -128)


@settings(max_examples=150)
@given(
    st.lists(EXTENT, max_size=2),
    st.integers(1, 40),
    SCALE,
    ZERO_POINT,
    BETA,
    st.integers(0, 1 << 20),
)
def test_bytes_equal_tflm(
    rows: list[int], depth: int, scale: float, zero_point: int, beta: float, seed: int
) -> None:
    shape = (1, *rows, depth)
    inputs = [Value(shape, scale, zero_point)]
    assert_equals_tflm("SOFTMAX", inputs, output(shape), softmax(beta), seed=seed)


@pytest.mark.parametrize("scale", [0.002, 0.02, 0.1, 0.7])
def test_every_difference_of_two_classes_equals_tflm(scale: float) -> None:
    """Two classes of all 256 x 256 values: every entry of the table, every kind of sum."""
    pairs = np.stack(np.meshgrid(*[np.arange(-128, 128, dtype=np.int8)] * 2), -1)
    x = pairs.reshape(1, -1, 2)
    value = Value(x.shape, scale)
    model = single_op("SOFTMAX", [value], output(x.shape), softmax())
    graph, operation = single_op_graph("SOFTMAX", [value], output(x.shape), softmax())
    found = run_operation(graph, operation, {0: x[0].reshape(x.shape)})
    np.testing.assert_array_equal(found, tflm_outputs(model, x).reshape(x.shape))


def test_a_thousand_classes_equal_tflm_where_it_is_defined() -> None:
    """The sum stays below 2^9 when the input is not flat."""
    shape = (1, 1000)
    value = Value(shape, 0.05)
    x = np.random.default_rng(0).integers(-128, 128, (4, 1000), np.int8)
    graph, operation = single_op_graph("SOFTMAX", [value], output(shape), softmax())
    expected = tflm_outputs(single_op("SOFTMAX", [value], output(shape), softmax()), x)
    for one, wanted in zip(x, expected, strict=True):
        np.testing.assert_array_equal(run_operation(graph, operation, {0: one})[0], wanted)


def test_a_thousand_equal_classes_have_no_share_each() -> None:
    """1/1000 is 0.256 of a step. TFLM shifts by 32 here and gives 127 on some machines."""
    graph, operation = single_op_graph(
        "SOFTMAX", [Value((1, 1000), 0.1)], output((1, 1000)), softmax()
    )
    found = run_operation(graph, operation, {0: np.zeros(1000, np.int8)})
    assert (found == -128).all()


def test_another_output_scale_is_refused() -> None:
    message = refusal("SOFTMAX", [Value((1, 4), 0.1)], Value((1, 4), 1 / 255, -128), softmax())
    assert message == "Its output has the scale 1/256 and the zero point -128."


def test_too_many_classes_are_refused() -> None:
    message = refusal("SOFTMAX", [Value((1, 4096), 0.1)], output((1, 4096)), softmax())
    assert message == "Its last axis has 1 to 4095 values."


def test_a_beta_that_is_no_factor_is_refused() -> None:
    for beta in (0.0, -1.0, float("nan"), 2.0**-30):
        message = refusal("SOFTMAX", [Value((1, 4), 0.1)], output((1, 4)), softmax(beta))
        assert message == "Its beta times its input's scale is more than 2^-26."
