"""The int8 part of models with other types at their ends."""

from __future__ import annotations

import numpy as np
import pytest
from support.models import Value
from support.oracle import litert_outputs, tflm_outputs
from support.outer_models import RESULT, SHAPE, outer_model
from support.small_nets import NetBuilder

from edgekit.errors import ModelError, UnsupportedModelError
from edgekit.tflite import read_graph
from edgekit.tflite.ends import int8_part


@pytest.mark.parametrize("taken", ["int8", "uint8", "float32"])
@pytest.mark.parametrize("given", ["int8", "uint8", "float32"])
def test_it_is_the_same_int8_model_everywhere(taken: str, given: str) -> None:
    part = int8_part(outer_model(taken, given), "m")
    assert (part.input, part.output) == (taken, given)
    x = np.random.default_rng(0).integers(-128, 128, (5, *SHAPE[1:]), dtype=np.int8)
    expected = tflm_outputs(outer_model("int8", "int8"), x)
    np.testing.assert_array_equal(tflm_outputs(part.data, x), expected)
    np.testing.assert_array_equal(litert_outputs(part.data, x[:, None]), expected)


def test_a_model_of_int8_ends_stays_as_it_is() -> None:
    model = outer_model("int8", "int8")
    assert int8_part(model, "m").data is model
    assert int8_part(int8_part(outer_model("float32", "float32"), "m").data, "m").input == "int8"


def test_a_float_that_something_else_reads_too_stays() -> None:
    net = NetBuilder()
    source = net.tensor(Value(SHAPE, None, dtype="float32"))
    inside = net.value(*SHAPE)
    net.op("QUANTIZE", [source], [inside])
    other = net.value(*SHAPE)
    net.op("QUANTIZE", [source], [other])
    model = net.finish([source], [net.made("ADD", [inside, other], SHAPE)])
    assert int8_part(model, "m").data is model


def test_an_uint8_of_another_scale_stays_and_is_refused() -> None:
    net = NetBuilder()
    source = net.tensor(Value(SHAPE, net.scale * 2, 108, dtype="uint8"))
    inside = net.value(*SHAPE)
    net.op("QUANTIZE", [source], [inside])
    model = net.finish([source], [net.conv(inside, RESULT, (3, 1, 1, 2))])
    assert int8_part(model, "m").data is model
    with pytest.raises(UnsupportedModelError, match="uint8, not quantized int8"):
        read_graph(model, "m")


def test_a_dequantize_inside_is_refused_with_its_place() -> None:
    net = NetBuilder()
    source = net.value(*SHAPE)
    real = net.tensor(Value(SHAPE, None, dtype="float32", name="real"))
    net.op("DEQUANTIZE", [source], [real])
    model = net.finish([source], [net.made("QUANTIZE", [real], SHAPE)])
    with pytest.raises(UnsupportedModelError) as caught:
        read_graph(model, "m")
    assert any("DEQUANTIZE #0 (real)" in text for text in caught.value.problems)


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(ModelError, match=r"not a \.tflite file"):
        int8_part(b"nothing at all", "m")
