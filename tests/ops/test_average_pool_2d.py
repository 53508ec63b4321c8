from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value
from support.pools import pool, pools
from support.single_op import assert_equals_tflm, refusal


@settings(max_examples=200)
@given(pools(), st.integers(0, 1 << 20))
def test_bytes_equal_tflm(case: tuple[Value, Value, Any], seed: int) -> None:
    source, target, options = case
    assert_equals_tflm("AVERAGE_POOL_2D", [source], target, options, seed=seed)


def test_a_global_pool_over_a_large_image_equals_tflm() -> None:
    source, target = Value((1, 48, 64, 3), 0.1, -7), Value((1, 1, 1, 3), 0.1, -7)
    assert_equals_tflm("AVERAGE_POOL_2D", [source], target, pool((48, 64), (1, 1)))


def test_a_change_of_scale_is_refused() -> None:
    source, target = Value((1, 4, 4, 2), 0.1, 3), Value((1, 2, 2, 2), 0.2, 3)
    message = refusal("AVERAGE_POOL_2D", [source], target, pool((2, 2), (2, 2)))
    assert message == "Its output has the scale and the zero point of its first input."


def test_an_output_of_another_size_is_refused() -> None:
    source, target = Value((1, 4, 4, 2), 0.1, 3), Value((1, 2, 3, 2), 0.1, 3)
    message = refusal("AVERAGE_POOL_2D", [source], target, pool((2, 2), (2, 2)))
    assert message is not None
    assert "the size that they give" in message


def test_impossible_windows_are_refused() -> None:
    source = Value((1, 4, 4, 2), 0.1, 3)
    for options in (pool((0, 2), (1, 1)), pool((2, 2), (0, 1)), pool((1 << 12, 1 << 12), (1, 1))):
        assert "1 to 2^23 cells" in (refusal("AVERAGE_POOL_2D", [source], source, options) or "")


def test_other_activations_are_refused() -> None:
    source = Value((1, 4, 4, 2), 0.1, 3)
    message = refusal("AVERAGE_POOL_2D", [source], source, pool((1, 1), (1, 1), activation=4))
    assert message == "Its fused activation is NONE, RELU, RELU_N1_TO_1 or RELU6."
