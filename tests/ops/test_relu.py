from __future__ import annotations

import pytest
from hypothesis import given, settings
from support.lookups import assert_every_byte_equals, ends_nearby, value
from support.models import Value
from support.single_op import refusal


@settings(max_examples=100)
@given(ends_nearby())
def test_every_byte_equals_tflm(ends: tuple[Value, Value]) -> None:
    assert_every_byte_equals("RELU", *ends)


@pytest.mark.parametrize(
    ("source", "output_scale"),
    [
        ((0.11114274710416794, -101), 0.1461031436920166),
        ((0.6240465641021729, -120), 0.38539692759513855),
        ((0.13306112587451935, -104), 0.11765404790639877),
    ],
)
def test_the_factor_is_found_in_double_precision(
    source: tuple[float, int], output_scale: float
) -> None:
    """Scales for which single precision, which TFLite has on the host, gives other bytes."""
    assert_every_byte_equals("RELU", value(source), value((output_scale, -128)))


def test_scales_too_far_apart_are_refused() -> None:
    message = refusal("RELU", [value((1.0, 0))], value((2.0**-22, 0)))
    assert message == "Its input's scale is less than 2^22 times its output's."
