from __future__ import annotations

import pytest
from hypothesis import given, settings
from support.convolutions import EACH, assert_kernel_equals_tflm, conv_2d


@pytest.mark.parametrize("kernels", EACH)
@given(conv_2d())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_form_equals_tflm(kernels: str, model: bytes) -> None:
    assert_kernel_equals_tflm(model, kernels=kernels)
