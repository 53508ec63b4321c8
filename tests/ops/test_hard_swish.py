from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lookups import SHAPE, ZERO_POINT, assert_every_byte_equals, ends_nearby, value
from support.models import Value
from support.single_op import refusal


@settings(max_examples=150)
@given(ends_nearby())
def test_every_byte_equals_tflm(ends: tuple[Value, Value]) -> None:
    assert_every_byte_equals("HARD_SWISH", *ends)


@settings(max_examples=100)
@given(st.integers(-22, 23), st.integers(-6, 9), ZERO_POINT, ZERO_POINT)
def test_every_byte_of_powers_of_two_equals_tflm(
    source: int, change: int, source_zero: int, target_zero: int
) -> None:
    """The shifts' limits, and factors that are exact."""
    ends = (
        Value(SHAPE, 2.0**source, source_zero),
        Value(SHAPE, 2.0 ** (source + change), target_zero),
    )
    assert_every_byte_equals("HARD_SWISH", *ends)


@pytest.mark.parametrize(
    ("source", "output_scale"),
    [
        ((0.3584051728248596, -95), 0.25112196803092957),
        ((0.08560770750045776, -39), 0.052615463733673096),
        ((0.17930850386619568, 23), 0.07748768478631973),
    ],
)
def test_factors_are_found_in_double_precision(
    source: tuple[float, int], output_scale: float
) -> None:
    """Scales for which single precision, which TFLite has on the host, gives other bytes."""
    assert_every_byte_equals("HARD_SWISH", value(source), value((output_scale, -100)))


@pytest.mark.parametrize(
    ("source", "target"),
    [(1.0, 2.0**-7), (1.0, 2.0**9.5), (2.0**-23, 2.0**-23), (2.0**24, 2.0**24)],
)
def test_scales_out_of_16_bits_are_refused(source: float, target: float) -> None:
    message = refusal("HARD_SWISH", [value((source, 0))], value((target, 0)))
    assert message == (
        "Its input's scale is from 2^-9 to less than 2^7 times its output's, "
        "and from 2^-22 to 2^23."
    )
