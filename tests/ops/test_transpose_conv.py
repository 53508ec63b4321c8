from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support import convolutions as conv
from support.graphs import single_op_graph
from support.models import Value, constant
from support.single_op import assert_equals_tflm, refusal

from edgekit.ops import operators


def output_extent(extent: int, kernel: int, stride: int, padding: int, spare: int) -> int:
    """One of the sizes of which a convolution makes `extent`; `spare` is less than the stride."""
    if padding == conv.SAME:
        return extent * stride - spare
    return (extent - 1) * stride + kernel + spare


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Value], Value, Any]:
    rng = conv.generator(draw)
    padding = draw(st.sampled_from([conv.SAME, conv.VALID]))
    image, kernel, stride, output = [], [], [], []
    for _ in range(2):
        image.append(draw(st.integers(1, 6)))
        kernel.append(draw(st.integers(1, 5)))
        stride.append(draw(st.integers(1, 4)))
        spare = draw(st.integers(0, stride[-1] - 1))
        output.append(output_extent(image[-1], kernel[-1], stride[-1], padding, spare))
    in_ch, out_ch = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    source = conv.activation_value(draw, rng, (1, *image, in_ch))
    scales = conv.weight_scales(draw, rng, out_ch)
    values = conv.weights(draw, rng, (out_ch, *kernel, in_ch))
    shape = (1, *output, out_ch)
    inputs = [
        constant(np.array(shape, np.int32)),
        constant(values, scale=scales, axis=0),
        source,
        *conv.bias(draw, rng, out_ch, scales),
    ]
    options = schema.TransposeConvOptionsT(
        padding=padding,
        strideH=stride[0],
        strideW=stride[1],
        fusedActivationFunction=draw(conv.ACTIVATIONS),
    )
    terms = in_ch * -(-kernel[0] // stride[0]) * -(-kernel[1] // stride[1])
    return inputs, conv.result(draw, rng, shape, source, scales, terms), options


@settings(max_examples=100, deadline=None)
@given(cases())
def test_bytes_equal_tflm(case: tuple[list[Value], Value, Any]) -> None:
    inputs, output, options = case
    assert_equals_tflm("TRANSPOSE_CONV", inputs, output, options)


def small() -> tuple[list[Value], Value, Any]:
    weights = constant(np.ones((3, 3, 2, 4), np.int8), scale=0.1)
    shape = constant(np.array([1, 10, 8, 3], np.int32))
    options = schema.TransposeConvOptionsT(padding=conv.SAME, strideH=2, strideW=2)
    return [shape, weights, Value((1, 5, 4, 4), 0.1, 3)], Value((1, 10, 8, 3), 0.5, 5), options


def test_macs_are_one_per_weight_and_pixel() -> None:
    graph, operation = single_op_graph("TRANSPOSE_CONV", *small())
    macs = operators()["TRANSPOSE_CONV"].macs(graph, operation)
    assert macs == 5 * 4 * 4 * 3 * 2 * 3


def test_an_output_of_another_size_is_refused() -> None:
    inputs, output, options = small()
    for shape in ((1, 11, 8, 3), (1, 10, 6, 3)):
        wrong = dataclasses.replace(output, shape=shape)
        message = refusal("TRANSPOSE_CONV", inputs, wrong, options)
        assert "a convolution of its output would have its data's size" in (message or "")


def test_strides_of_none_are_refused() -> None:
    inputs, output, options = small()
    options.strideW = 0
    assert "Its strides are 1 or more" in (refusal("TRANSPOSE_CONV", inputs, output, options) or "")


def test_weights_of_other_channels_are_refused() -> None:
    inputs, output, options = small()
    for shape in ((2, 3, 2, 4), (3, 3, 2, 5)):
        weights = constant(np.ones(shape, np.int8), scale=0.1)
        these = [inputs[0], weights, inputs[2]]
        message = refusal("TRANSPOSE_CONV", these, output, options)
        assert "for as many channels as its data and its output have" in (message or "")


def test_data_of_another_type_is_named_as_data() -> None:
    inputs, output, options = small()
    these = [*inputs[:2], dataclasses.replace(inputs[2], dtype="int16")]
    message = refusal("TRANSPOSE_CONV", these, output, options)
    assert message == "Its data and its output are int8, each with one scale and one zero point."


def test_sums_of_more_than_32_bits_are_refused() -> None:
    inputs, output, options = small()
    bias = constant(np.full(3, 2**31 - 1, np.int32), scale=0.01)
    message = refusal("TRANSPOSE_CONV", [*inputs, bias], output, options)
    assert message == "Its largest possible sum, bias included, fits in 32 bits."
