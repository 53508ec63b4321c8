from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from support.convolutions import EACH, assert_kernel_equals_tflm, fully_connected
from support.kernels import call_of
from support.models import Value, constant, single_op
from support.oracle import tflm_outputs

from edgekit.errors import ModelError, UnsupportedModelError
from edgekit.tflite import read_graph


@pytest.mark.parametrize("kernels", EACH)
@given(fully_connected())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_form_equals_tflm(kernels: str, model: bytes) -> None:
    assert_kernel_equals_tflm(model, kernels=kernels)


@pytest.mark.parametrize("kernels", ["dsp", "m0plus"])
@pytest.mark.parametrize("outputs", [1, 2, 7])
def test_sums_beyond_24_bits_equal_tflm(kernels: str, outputs: int) -> None:
    weights = np.full((outputs, 1101), 127, np.int8)
    weights[1::2] = -127
    model = single_op(
        "FULLY_CONNECTED",
        [Value((1, 1101), 0.5), constant(weights, scale=0.25)],
        Value((1, outputs), 20_000.0, 3),
        schema.FullyConnectedOptionsT(),
        version=4,
    )
    parameters = call_of(model, kernels).parameters
    if kernels == "dsp":
        assert parameters["run"] < 1101 // 4
    else:
        assert (parameters["piece"] < 1101, parameters["halved"]) == (outputs > 3, 0)
    assert_kernel_equals_tflm(model, kernels=kernels)


@pytest.mark.parametrize("kernels", ["m0plus", "m0plus_dual"])
@pytest.mark.parametrize("lowest", [-128, -127])
@pytest.mark.parametrize("outputs", [3, 7, 14])
def test_only_weights_of_minus_128_do_not_fit_halves_of_words(
    kernels: str, lowest: int, outputs: int
) -> None:
    weights = np.random.default_rng(outputs).integers(-127, 128, (outputs, 90), dtype=np.int8)
    weights[:, ::5] = lowest
    weights[:, 1::5] = 127
    model = single_op(
        "FULLY_CONNECTED",
        [Value((1, 90), 0.5), constant(weights, scale=0.25)],
        Value((1, outputs), 300.0, 3),
        schema.FullyConnectedOptionsT(),
        version=4,
    )
    assert call_of(model, kernels).parameters["halved"] == (lowest == -127)
    assert_kernel_equals_tflm(model, kernels=kernels)


@pytest.mark.parametrize(("scale", "fits"), [(0.125, True), (0.129, True), (0.131, False)])
def test_a_bias_of_another_scale_is_refused_as_tflm_does(scale: float, fits: bool) -> None:
    model = single_op(
        "FULLY_CONNECTED",
        [
            Value((1, 4), 0.5),
            constant(np.ones((2, 4), np.int8), scale=0.25),
            constant(np.array([5, -5], np.int32), scale=scale),
        ],
        Value((1, 2), 0.25),
        schema.FullyConnectedOptionsT(),
        version=4,
    )
    if fits:
        assert_kernel_equals_tflm(model)
        return
    with pytest.raises(UnsupportedModelError, match="Its bias has the scale input"):
        read_graph(model, "net")
    with pytest.raises(ModelError, match="scale_diff"):
        tflm_outputs(model, np.zeros((1, 4), np.int8))
