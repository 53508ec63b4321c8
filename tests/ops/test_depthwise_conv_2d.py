from __future__ import annotations

from hypothesis import given, settings
from support.convolutions import assert_kernel_equals_tflm, depthwise_conv_2d


@given(depthwise_conv_2d())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_form_equals_tflm(model: bytes) -> None:
    assert_kernel_equals_tflm(model)
