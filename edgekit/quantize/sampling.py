"""What a layer reads at some of the places where it is applied: rows of a linear regression.

A convolution is a matrix product at each place of its output; a few thousand places, drawn from
all calibration images, say nearly as much of a layer as all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.ir import Quantization
from edgekit.quantize.layers import WeightedLayer
from edgekit.quantize.real_values import dequantized
from edgekit.quantize.stepping import Values
from edgekit.tflite.editing import Editor

_SAME = 0  # schema.Padding

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """Where a convolution reads: kernel, stride, dilation, output size and padding, each (y, x)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    output: tuple[int, int]
    padding: tuple[int, int]


def window_of(model: Editor, layer: WeightedLayer) -> Window | None:
    """The window of a CONV_2D or DEPTHWISE_CONV_2D; None for a FULLY_CONNECTED."""
    if layer.op == "FULLY_CONNECTED":
        return None
    options = model.op(layer.index).options
    kernel = model.shape(layer.weights)[1:3]
    stride = (options.strideH, options.strideW)
    dilation = (options.dilationHFactor, options.dilationWFactor)
    taken, made = model.shape(layer.input)[1:3], model.shape(layer.output)[1:3]
    padding = [
        max((size - 1) * step + (taps - 1) * gap + 1 - extent, 0) // 2
        for extent, size, taps, step, gap in zip(taken, made, kernel, stride, dilation, strict=True)
    ]
    if options.padding != _SAME:
        padding = [0, 0]
    return Window(
        (kernel[0], kernel[1]), stride, dilation, (made[0], made[1]), (padding[0], padding[1])
    )


def draw_places(
    window: Window | None, images: int, most: int, rng: np.random.Generator
) -> list[Places]:
    """For each image some places of the output, counted row by row; `most` over all images."""
    if window is None:
        return [np.zeros(1, np.int64)] * images
    area = window.output[0] * window.output[1]
    each = min(area, max(1, most // images))
    if each == area:
        return [np.arange(area)] * images
    return [rng.choice(area, each, replace=False) for _ in range(images)]


def gather(
    values: Values,
    quantization: Quantization | None,
    window: Window | None,
    places: list[Places],
) -> Floats:
    """What the layer reads at these places, in real numbers: [places, taps, channels] float32.

    `values` hold an image's input [1, h, w, channels] each, `quantization` is theirs.
    """
    if window is None:
        rows = np.concatenate([v.reshape(-1, 1, v.shape[-1]) for v in values])
        return dequantized(rows, quantization)
    zero = 0 if quantization is None else quantization.zero_point
    found = [
        _patches(image[0], window, chosen, zero)
        for image, chosen in zip(values, places, strict=True)
    ]
    return dequantized(np.concatenate(found), quantization)


def _patches(
    image: npt.NDArray[Any], window: Window, places: Places, zero: int
) -> npt.NDArray[Any]:
    """[places, taps, channels] of one image [h, w, channels]; `zero` stands for the padding."""
    y, valid_y = _coordinates(places // window.output[1], window, 0, image.shape[0])
    x, valid_x = _coordinates(places % window.output[1], window, 1, image.shape[1])
    patches = image[y[:, :, None], x[:, None, :]]
    valid = valid_y[:, :, None] & valid_x[:, None, :]
    if not valid.all():
        patches[~valid] = zero
    return patches.reshape(len(places), -1, image.shape[-1])


def _coordinates(
    starts: Places, window: Window, axis: int, extent: int
) -> tuple[Places, npt.NDArray[np.bool_]]:
    """Along one axis: where each tap reads [places, taps], and whether that is inside."""
    taps = np.arange(window.kernel[axis]) * window.dilation[axis]
    found = starts[:, None] * window.stride[axis] - window.padding[axis] + taps
    return np.clip(found, 0, extent - 1), (found >= 0) & (found < extent)
