from __future__ import annotations

from typing import Any

import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lookups import assert_every_byte_equals, ends_nearby, value
from support.models import Value
from support.single_op import refusal


def leaky(alpha: float) -> Any:
    options = schema.LeakyReluOptionsT()
    options.alpha = alpha
    return options


@settings(max_examples=120)
@given(ends_nearby(), st.floats(0, 2, width=32))
def test_every_byte_equals_tflm(ends: tuple[Value, Value], alpha: float) -> None:
    assert_every_byte_equals("LEAKY_RELU", *ends, leaky(alpha))


@pytest.mark.parametrize(
    ("source", "output_scale", "alpha"),
    [
        ((0.23094822466373444, 116), 0.2771055996417999, 0.9609050154685974),
        ((0.18468165397644043, 113), 0.10296102613210678, 0.8847368955612183),
        ((0.7212545275688171, 104), 1.0114251375198364, 0.7668903470039368),
        ((0.6240465641021729, -120), 0.38539692759513855, 0.1),
    ],
)
def test_factors_are_found_in_double_precision(
    source: tuple[float, int], output_scale: float, alpha: float
) -> None:
    """Scales for which single precision, which TFLite has on the host, gives other bytes."""
    zero_point = 0 if source[1] > 0 else -128
    ends = value(source), value((output_scale, zero_point))
    assert_every_byte_equals("LEAKY_RELU", *ends, leaky(alpha))


@pytest.mark.parametrize("alpha", [-0.1, float("nan"), float("inf"), 2.0**23])
def test_alphas_that_are_no_slope_are_refused(alpha: float) -> None:
    message = refusal("LEAKY_RELU", [value((0.1, 0))], value((0.1, 0)), leaky(alpha))
    assert message == (
        "Its alpha is 0 or more, and alpha * input scale is less than 2^22 times its output's."
    )
