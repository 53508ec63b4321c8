from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value
from support.pools import SAME, pool, pools
from support.single_op import assert_equals_tflm, refusal


@settings(max_examples=150)
@given(pools(), st.integers(0, 1 << 20), st.sampled_from(["", "dsp", "dsp_dual", "mve"]))
def test_bytes_equal_tflm(case: tuple[Value, Value, Any], seed: int, kernels: str) -> None:
    source, target, options = case
    assert_equals_tflm("MAX_POOL_2D", [source], target, options, seed=seed, kernels=kernels)


def test_overlapping_windows_over_a_padded_image_equal_tflm() -> None:
    """As SqueezeNet has it: 3 x 3, stride 2."""
    source, target = Value((1, 17, 23, 12), 0.1, -128), Value((1, 9, 12, 12), 0.1, -128)
    assert_equals_tflm("MAX_POOL_2D", [source], target, pool((3, 3), (2, 2), SAME))


def test_a_change_of_scale_is_refused() -> None:
    source, target = Value((1, 4, 4, 2), 0.1, 3), Value((1, 2, 2, 2), 0.2, 3)
    message = refusal("MAX_POOL_2D", [source], target, pool((2, 2), (2, 2)))
    assert message == "Its output has the scale and the zero point of its first input."


def test_an_output_of_another_size_is_refused() -> None:
    source, target = Value((1, 4, 4, 2), 0.1, 3), Value((1, 2, 3, 2), 0.1, 3)
    message = refusal("MAX_POOL_2D", [source], target, pool((2, 2), (2, 2)))
    assert "the size that they give" in (message or "")
