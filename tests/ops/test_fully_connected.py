from __future__ import annotations

from hypothesis import given, settings
from support.convolutions import assert_kernel_equals_tflm, fully_connected


@given(fully_connected())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_form_equals_tflm(model: bytes) -> None:
    assert_kernel_equals_tflm(model)
