from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value
from support.single_op import EXTENT, SCALE, ZERO_POINT, assert_equals_tflm, refusal

SHAPE = st.lists(EXTENT, max_size=3).map(lambda rest: (1, *rest))
SOURCE = Value((1, 4, 4), 0.1, 3)


@settings(max_examples=150)
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
