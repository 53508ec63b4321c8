from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from support.convolutions import EACH, assert_kernel_equals_tflm, depthwise_conv_2d
from support.kernels import call_of


@pytest.mark.parametrize("kernels", EACH)
@given(depthwise_conv_2d())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_form_equals_tflm(kernels: str, model: bytes) -> None:
    assert_kernel_equals_tflm(model, kernels=kernels)


@pytest.mark.parametrize("kernels", ["dsp", pytest.param("dsp_dual", marks=pytest.mark.slow)])
@given(depthwise_conv_2d(strided=True))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_strides_without_a_plane_equal_tflm(kernels: str, model: bytes) -> None:
    assume(call_of(model, kernels).function == "ek_depthwise_conv_2d_s8_strided_dsp")
    assert_kernel_equals_tflm(model, kernels=kernels)
