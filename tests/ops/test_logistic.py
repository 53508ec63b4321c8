from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lookups import ENDS, ZERO_POINT, assert_every_byte_equals, value
from support.single_op import refusal

OUTPUT = value((1 / 256, -128))


@settings(max_examples=150)
@given(ENDS)
def test_every_byte_equals_tflm(end: tuple[float, int]) -> None:
    assert_every_byte_equals("LOGISTIC", value(end), OUTPUT)


@settings(max_examples=60)
@given(st.integers(-27, 16), ZERO_POINT)
def test_every_byte_of_powers_of_two_equals_tflm(power: int, zero_point: int) -> None:
    """Very fine scales, and very coarse ones of which one step reaches the bound."""
    assert_every_byte_equals("LOGISTIC", value((2.0**power, zero_point)), OUTPUT)


def test_another_output_scale_is_refused() -> None:
    for end in ((1 / 255, -128), (1 / 256, 1)):
        message = refusal("LOGISTIC", [value((0.1, 0))], value(end))
        assert message == "Its output has the scale 1/256 and the zero point -128."


def test_an_input_scale_that_is_too_small_is_refused() -> None:
    message = refusal("LOGISTIC", [value((float(np.float32(2.0**-28)), 0))], OUTPUT)
    assert message == "Its input's scale is at least 2^-27."
