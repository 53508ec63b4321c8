"""Models of one weighted op, every field drawn by itself, so that no swapped pair stays unseen."""

from __future__ import annotations

import dataclasses
import pkgutil
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import strategies as st

from edgekit.ops import variants
from support.models import Value, constant, single_op

ACTIVATIONS = st.sampled_from([0, 1, 2, 3])
KERNELS = ("", *(module.name for module in pkgutil.iter_modules(variants.__path__)))
"""The portable kernels, and those of every family of cores."""
_SLOW = ("dsp_dual", "m0plus_dual", "m3")
EACH = [pytest.param(name, marks=pytest.mark.slow if name in _SLOW else ()) for name in KERNELS]
"""The same; slow are those that only share rows of another family's kernels, or are the same C."""
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID


def generator(draw: Any) -> np.random.Generator:
    """A source of numbers that Hypothesis can repeat and shrink."""
    return np.random.default_rng(draw(st.integers(0, 1 << 32)))


def weights(draw: Any, rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.int8]:
    """Weights, now and then all at the limits, where sums are largest; rarely one of -128."""
    if draw(st.booleans()):
        return rng.integers(-127, 128, shape, dtype=np.int8)
    lowest = draw(st.sampled_from([-127, -127, -127, -128]))
    return rng.choice(np.array([lowest, 127], np.int8), shape)


def weight_scales(draw: Any, rng: np.random.Generator, channels: int) -> npt.NDArray[np.float32]:
    """One scale, or one for each channel, some of them far apart."""
    count = channels if draw(st.booleans()) else 1
    return (10 ** rng.uniform(-4, 0, count)).astype(np.float32)


def activation_value(draw: Any, rng: np.random.Generator, shape: tuple[int, ...]) -> Value:
    """A variable int8 tensor with any zero point."""
    zero_point = draw(st.sampled_from([-128, 127, 0, int(rng.integers(-128, 128))]))
    return Value(shape, float(10 ** rng.uniform(-3, 0)), zero_point)


def result(
    draw: Any,
    rng: np.random.Generator,
    shape: tuple[int, ...],
    source: Value,
    scales: npt.NDArray[np.float32],
    terms: int,
) -> Value:
    """An output whose range suits sums of so many terms, more or less: some of it is clipped."""
    assert isinstance(source.scale, float)
    typical = 5_000 * np.sqrt(terms) * source.scale * float(np.median(scales))
    scale = typical / 50 * 10 ** rng.uniform(-1, 0.5)
    # A factor above 1 takes another way through the rounding.
    scale = source.scale * float(scales.min()) / 1.7 if draw(st.integers(0, 5)) == 0 else scale
    return Value(shape, scale, draw(st.sampled_from([-128, 0, int(rng.integers(-128, 128))])))


def bias(
    draw: Any, rng: np.random.Generator, channels: int, scales: npt.NDArray[np.float32]
) -> list[Value]:
    """None, small or large; its scale is of no account to any kernel of one scale per channel.

    An absent one is left out: TFLM's depthwise kernel crashes where it is given as -1.
    """
    kind = draw(st.sampled_from(["none", "small", "large"]))
    if kind == "none":
        return []
    limit = 3_000 if kind == "small" else 1 << 30
    values = rng.integers(-limit, limit, channels, dtype=np.int32)
    return [constant(values, scale=np.broadcast_to(scales, channels))]


def windows(
    draw: Any, largest_step: int = 3
) -> tuple[tuple[int, int], tuple[int, int], dict[str, int]]:
    """An image's extents, a kernel's, and the options that fit them."""
    step = st.integers(1, largest_step)
    kernel = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    options = {
        "padding": draw(st.sampled_from([SAME, VALID])),
        "strideH": draw(step),
        "strideW": draw(step),
        "dilationHFactor": draw(step),
        "dilationWFactor": draw(step),
        "fusedActivationFunction": draw(ACTIVATIONS),
    }
    reach = [
        (kernel[0] - 1) * options["dilationHFactor"] + 1,
        (kernel[1] - 1) * options["dilationWFactor"] + 1,
    ]
    smallest = reach if options["padding"] == VALID else [1, 1]
    image = draw(st.integers(smallest[0], 11)), draw(st.integers(smallest[1], 12))
    return image, kernel, options


def _places(extent: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    if padding == SAME:
        return (extent + stride - 1) // stride
    return (extent - (kernel - 1) * dilation - 1) // stride + 1


def output_extents(
    image: tuple[int, int], kernel: tuple[int, int], options: dict[str, int]
) -> tuple[int, int]:
    """The output's height and width, worked out in another way than the compiler's."""
    return (
        _places(
            image[0], kernel[0], options["strideH"], options["dilationHFactor"], options["padding"]
        ),
        _places(
            image[1], kernel[1], options["strideW"], options["dilationWFactor"], options["padding"]
        ),
    )


@st.composite
def conv_2d(draw: Any, fewest_groups: int = 1, largest_step: int = 3) -> bytes:
    """Any CONV_2D: grouped, dilated, with any stride, padding and clamp."""
    rng = generator(draw)
    image, kernel, fields = windows(draw, largest_step)
    # Multiples of four take a way of their own.
    groups = draw(st.integers(fewest_groups, fewest_groups + 2))
    depth = draw(st.sampled_from([4, 1, 8, 2, 3, 5, 7, 12]))
    out_ch = groups * draw(st.sampled_from([1, 4, 2, 3, 5, 8]))
    source = activation_value(draw, rng, (1, *image, groups * depth))
    scales = weight_scales(draw, rng, out_ch)
    shape = (1, *output_extents(image, kernel, fields), out_ch)
    return single_op(
        "CONV_2D",
        [
            source,
            constant(weights(draw, rng, (out_ch, *kernel, depth)), scale=scales, axis=0),
            *bias(draw, rng, out_ch, scales),
        ],
        result(draw, rng, shape, source, scales, kernel[0] * kernel[1] * depth),
        schema.Conv2DOptionsT(**fields),
        version=3,
    )


def strided_windows(draw: Any) -> tuple[tuple[int, int], tuple[int, int], dict[str, int]]:
    """The same of 3 x 3 with strides, as networks have them."""
    image, _, options = windows(draw)
    image = max(image[0], 3), max(image[1], 3)
    strides = draw(st.sampled_from([(2, 2), (2, 3), (3, 2), (3, 3), (4, 4)]))
    options |= {"strideH": strides[0], "strideW": strides[1]}
    return image, (3, 3), options | {"dilationHFactor": 1, "dilationWFactor": 1}


@st.composite
def depthwise_conv_2d(draw: Any, *, strided: bool = False) -> bytes:
    """Any DEPTHWISE_CONV_2D, with any multiplier; or those `strided_windows`, with none."""
    rng = generator(draw)
    image, kernel, fields = strided_windows(draw) if strided else windows(draw)
    in_ch, multiplier = draw(st.integers(1, 9)), 1 if strided else draw(st.integers(1, 3))
    out_ch = in_ch * multiplier
    source = activation_value(draw, rng, (1, *image, in_ch))
    scales = weight_scales(draw, rng, out_ch)
    shape = (1, *output_extents(image, kernel, fields), out_ch)
    return single_op(
        "DEPTHWISE_CONV_2D",
        [
            source,
            constant(weights(draw, rng, (1, *kernel, out_ch)), scale=scales, axis=3),
            *bias(draw, rng, out_ch, scales),
        ],
        result(draw, rng, shape, source, scales, kernel[0] * kernel[1]),
        schema.DepthwiseConv2DOptionsT(depthMultiplier=multiplier, **fields),
        version=3,
    )


@st.composite
def fully_connected(draw: Any) -> bytes:
    """Any FULLY_CONNECTED: one row or several, one scale or one per output."""
    rng = generator(draw)
    rows, depth = draw(st.sampled_from([1, 2, 3, 6])), draw(st.integers(1, 40))
    out = draw(st.integers(1, 11))
    source = activation_value(draw, rng, (1, rows, depth))
    scales = weight_scales(draw, rng, out)
    found = bias(draw, rng, out, scales)
    # Here TFLM does compare the bias's scale with what it should be.
    exact = (np.float64(source.scale) * scales).astype(np.float32)
    found = [dataclasses.replace(value, scale=exact) for value in found]
    # More products of small weights are summed up in a word's lanes.
    rows_of_weights = weights(draw, rng, (out, depth)) // draw(st.sampled_from([1, 2, 4]))
    return single_op(
        "FULLY_CONNECTED",
        [source, constant(rows_of_weights, scale=scales, axis=0), *found],
        result(draw, rng, (1, rows, out), source, scales, depth),
        schema.FullyConnectedOptionsT(fusedActivationFunction=draw(ACTIVATIONS), keepNumDims=True),
        version=5,
    )


def assert_kernel_equals_tflm(model: bytes, *, seed: int = 0, kernels: str = "") -> None:
    """The op's kernel, on the host, gives the bytes that TFLM gives, extremes included; `kernels`
    is the family of cores whose variant it is, with much scratch memory and with little."""
    from edgekit.tflite import read_graph
    from support.kernels import run_operation
    from support.oracle import tflm_outputs

    graph = dataclasses.replace(read_graph(model, "drawn"), kernels=kernels)
    number = graph.inputs[0]
    images = images_for(graph.tensor(number).shape, seed)
    expected = tflm_outputs(model, np.stack(images))
    for room in (None, 0) if kernels else (None,):
        form = dataclasses.replace(graph, room_bytes=room)
        for image, wanted in zip(images, expected, strict=True):
            found = run_operation(form, form.operations[0], {number: image})
            assert np.array_equal(found.reshape(-1), wanted.reshape(-1))


def images_for(shape: tuple[int, ...], seed: int) -> list[npt.NDArray[np.int8]]:
    """Noise, then the extremes, of which the largest sums are made."""
    rng = np.random.default_rng(seed)
    return [
        rng.integers(-128, 128, shape, dtype=np.int8),
        np.full(shape, -128, np.int8),
        np.full(shape, 127, np.int8),
    ]
