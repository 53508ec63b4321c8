from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.elementwise import Case, cases, kernel_of
from support.models import Value, constant
from support.single_op import ACTIVATION, assert_equals_tflm, refusal


def sub(activation: int = 0) -> Any:
    options = schema.SubOptionsT()
    options.fusedActivationFunction = activation
    return options


@settings(max_examples=100)
@given(cases(), ACTIVATION, st.integers(0, 1 << 20))
def test_bytes_equal_tflm(case: Case, activation: int, seed: int) -> None:
    assert_equals_tflm("SUB", case.inputs, case.output, sub(activation), seed=seed)


@pytest.mark.parametrize(
    ("first", "value", "second", "output_scale"),
    [
        ((0.11229588091373444, 82), 0, (0.04794946312904358, 28), 0.1527727246284485),
        ((0.36032649874687195, 71), 22, (0.3230200409889221, -50), 1.005686640739441),
        ((0.1975170373916626, -115), -9, (0.22633710503578186, -114), 0.14613215625286102),
    ],
)
def test_factors_are_found_in_double_precision(
    first: tuple[float, int], value: int, second: tuple[float, int], output_scale: float
) -> None:
    """Scales, and a value of the first input, for which single precision gives another byte."""
    fixed = constant(np.array([[value]], np.int8), scale=first[0], zero_point=first[1])
    noise = Value((1, 4000), *second)  # which holds every byte
    assert_equals_tflm("SUB", [fixed, noise], Value((1, 4000), output_scale, 0), sub())


def test_a_constant_for_all_is_a_table_on_either_side() -> None:
    three = constant(np.array([[40]], np.int8), scale=0.1, zero_point=10)
    image = Value((1, 5, 4, 3), 0.05, -12)
    for inputs in ([image, three], [three, image]):
        case = Case(inputs, Value(image.shape, 0.06, 5))
        assert kernel_of("SUB", case, sub()) == "ek_lookup_s8"
        assert_equals_tflm("SUB", case.inputs, case.output, sub(1))


def test_an_output_scale_that_is_too_small_is_refused() -> None:
    inputs = [Value((1, 4), 0.1), Value((1, 4), 0.5)]
    message = refusal("SUB", inputs, Value((1, 4), 0.5 * 2.0**-19), sub())
    assert message == "Its output's scale is more than 2^-19 of the larger input scale."
