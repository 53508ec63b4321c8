from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.elementwise import Case, cases, kernel_of
from support.models import Value, constant
from support.single_op import assert_equals_tflm, refusal


@settings(max_examples=100)
@given(cases(most_dimensions=4), st.integers(0, 1 << 20))
def test_bytes_equal_tflm(case: Case, seed: int) -> None:
    assert_equals_tflm("PRELU", case.inputs, case.output, seed=seed)


@pytest.mark.parametrize("output_scale", [2.0**-13, 2.0**-6, 1.0, 2.0**3, 2.0**12])
def test_every_product_equals_tflm(output_scale: float) -> None:
    bytes_ = np.arange(-128, 128, dtype=np.int8).reshape(1, 256, 1)
    alpha, x = constant(bytes_, scale=0.9, zero_point=3), Value((1, 1, 40), 0.7, 127)
    assert_equals_tflm("PRELU", [x, alpha], Value((1, 256, 40), output_scale, 9))


def test_an_alpha_per_channel_equals_tflm() -> None:
    """As Keras has it with shared axes: alpha [1, 1, ch]."""
    alphas = np.random.default_rng(0).integers(-128, 128, (1, 1, 24), np.int8)
    image = Value((1, 9, 7, 24), 0.05, -12)
    alpha = constant(alphas, scale=0.004, zero_point=-20)
    assert_equals_tflm("PRELU", [image, alpha], Value(image.shape, 0.04, -20))


def test_an_alpha_for_all_is_a_table() -> None:
    alpha = constant(np.array([[[50]]], np.int8), scale=0.005, zero_point=-3)
    image = Value((1, 5, 4, 3), 0.05, -12)
    case = Case([image, alpha], Value(image.shape, 0.03, 5))
    assert kernel_of("PRELU", case) == "ek_lookup_s8"
    assert_equals_tflm("PRELU", case.inputs, case.output)


def test_factors_that_are_too_large_are_refused() -> None:
    wanted = "Its scales give factors, input / output and input * alpha / output, below 2^14."
    x, alpha = Value((1, 4), 0.5), Value((1, 4), 2.0)
    assert refusal("PRELU", [x, alpha], Value((1, 4), 2.0**-14)) == wanted
    alpha = Value((1, 4), 0.5)
    assert refusal("PRELU", [x, alpha], Value((1, 4), 2.0**-15)) == wanted
    assert refusal("PRELU", [x, alpha], Value((1, 4), 2.0**-14)) is None


def test_five_dimensions_are_refused() -> None:
    value = Value((1, 2, 3, 2, 2), 0.5)
    message = refusal("PRELU", [value, Value((2,), 0.5)], value)
    assert message == "Its inputs have at most four dimensions."
