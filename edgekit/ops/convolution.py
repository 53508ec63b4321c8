"""What CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED have in common: sums of weighted int8.

A sum is bias + sum(w * (x - input_zero_point)). Folding gives the device
bias' = bias - input_zero_point * sum(w), so that it adds w * x of the raw activations.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from edgekit.fixedpoint import Activation, quantize_multiplier
from edgekit.ir import DType, Graph, Operation, Tensor
from edgekit.ops.attributes import (
    ANY_INT8,
    NO_BORDER,
    Border,
    Limits,
    Padding,
    limits,
    pad_before,
    side_border,
    window_output,
)
from edgekit.ops.operator import Constant
from edgekit.ops.rows import Rows

SMALL_SUM = 1 << 29
"""EK_SMALL_SUM of ek_requantize.h: below it a short multiplication is exact."""


LARGEST_FACTOR = float(1 << 30)
"""A factor from here on would need a shift that no int32 survives."""


@dataclass(frozen=True, slots=True)
class WindowAttributes:
    """A window's steps over the image; `activation` is None for one that is not compiled.

    What follows it is no part of a .tflite file: passes put it there.
    """

    padding: Padding
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    activation: Activation | None
    limits: Limits = field(default=ANY_INT8, kw_only=True)
    border: Border = field(default=NO_BORDER, kw_only=True)
    """Only with VALID padding."""
    out_stride: int = field(default=0, kw_only=True)
    """Bytes from an output pixel to the next, where other tensors lie between; 0: none do."""
    interleaved: bool = field(default=False, kw_only=True)
    """Whether channel i of output group g is stored as channel i * groups + g: a shuffle."""


class ClampedAttributes(Protocol):
    """Attributes of an op whose output is clamped."""

    @property
    def activation(self) -> Activation | None:
        """The fused activation."""

    @property
    def limits(self) -> Limits:
        """Further limits."""


@dataclass(frozen=True, slots=True, eq=False)
class Requantization:
    """Per output channel: real factor = multiplier * 2**(shift - 31)."""

    multiplier: npt.NDArray[np.int32]
    shift: npt.NDArray[np.int8]


def weights_of(graph: Graph, operation: Operation) -> npt.NDArray[np.int8]:
    """The constant weights."""
    data = graph.tensor(operation.inputs[1]).data
    assert data is not None
    return data


def bias_of(graph: Graph, operation: Operation, channels: int) -> npt.NDArray[np.int64]:
    """The bias of each output channel, zeros when there is none."""
    if len(operation.inputs) < 3 or operation.inputs[2] < 0:
        return np.zeros(channels, np.int64)
    data = graph.tensor(operation.inputs[2]).data
    assert data is not None
    return data.astype(np.int64)


def folded_bias(
    rows: npt.NDArray[np.int8], bias: npt.NDArray[np.int64], input_zero_point: int
) -> npt.NDArray[np.int32]:
    """The bias with the input's zero point folded in; `rows` is [out_ch, n] int8."""
    weights: npt.NDArray[np.int64] = rows.sum(axis=1, dtype=np.int64)
    return (bias - input_zero_point * weights).astype(np.int32)


def largest_sum(rows: npt.NDArray[np.int8], bias: npt.NDArray[np.int64]) -> int:
    """A bound on every partial sum, folded or not, of any channel; `rows` is [out_ch, n] int8.

    |x - zero_point| <= 255, and the folded form adds at most 128 |w| twice.
    """
    magnitudes = np.abs(rows.astype(np.int64)).sum(axis=1)
    return int((np.abs(bias) + 256 * magnitudes).max(initial=0))


def requantization(scales: npt.NDArray[np.float64], channels: int) -> Requantization:
    """Multipliers and shifts of real factors, one for all channels or one for each."""
    pairs = [quantize_multiplier(float(scale)) for scale in scales]
    if len(pairs) == 1:
        pairs *= channels
    multiplier, shift = zip(*pairs, strict=True)
    return Requantization(np.array(multiplier, np.int32), np.array(shift, np.int8))


def channel_scales(graph: Graph, operation: Operation) -> npt.NDArray[np.float64]:
    """input_scale * weight_scale / output_scale in doubles, per weight scale."""
    source, weights = (graph.tensor(number).quantization for number in operation.inputs[:2])
    target = graph.tensor(operation.outputs[0]).quantization
    assert source is not None
    assert weights is not None
    assert target is not None
    return source.scale * np.array(weights.scales, np.float64) / target.scale


def factors_fit(graph: Graph, operation: Operation) -> bool:
    """Its scales give factors, input * weights / output, below 2^30."""
    return bool(channel_scales(graph, operation).max() < LARGEST_FACTOR)


def is_small(largest: int, shift: npt.NDArray[np.int8]) -> int:
    """1 where the short requantization of ek_requantize.h is exact, else 0."""
    return int(largest < SMALL_SUM and shift.max() < 0)


def zero_point(tensor: Tensor) -> int:
    """The zero point of a tensor that is known to be quantized."""
    assert tensor.quantization is not None
    return tensor.quantization.zero_point


def output_parameters(tensor: Tensor, attributes: ClampedAttributes) -> dict[str, int]:
    """Offset and clamp of the output, as every kernel names them."""
    assert tensor.quantization is not None
    clamp = limits(attributes.activation, attributes.limits, tensor.quantization)
    return {
        "output_offset": tensor.quantization.zero_point,
        "output_min": clamp.low,
        "output_max": clamp.high,
    }


def window_parameters(
    graph: Graph, operation: Operation, kernel: tuple[int, int]
) -> dict[str, int]:
    """Sizes, strides and padding of a window over [1, h, w, ch], as every kernel names them."""
    _, in_h, in_w, in_ch = graph.tensor(operation.inputs[0]).shape
    _, out_h, out_w, out_ch = graph.tensor(operation.outputs[0]).shape
    a: WindowAttributes = operation.attributes
    return {
        "in_h": in_h,
        "in_w": in_w,
        "in_ch": in_ch,
        "out_h": out_h,
        "out_w": out_w,
        "out_ch": out_ch,
        "kernel_h": kernel[0],
        "kernel_w": kernel[1],
        "stride_h": a.stride_h,
        "stride_w": a.stride_w,
        "dilation_h": a.dilation_h,
        "dilation_w": a.dilation_w,
        "pad_h": a.border.top
        + pad_before(in_h, kernel[0], a.stride_h, a.dilation_h, out_h, a.padding),
        "pad_w": a.border.left
        + pad_before(in_w, kernel[1], a.stride_w, a.dilation_w, out_w, a.padding),
    }


def window_rows(graph: Graph, operation: Operation, kernel: tuple[int, int]) -> Rows | None:
    """How a window walks down the image; None where others' values lie between its output's."""
    a: WindowAttributes = operation.attributes
    if a.out_stride:
        return None
    window = window_parameters(graph, operation, kernel)
    return Rows(
        images=(0,),
        attributes=replace(a, padding=Padding.VALID, border=side_border(window, kernel[1])),
        reach=(kernel[0] - 1) * a.dilation_h + 1,
        stride=a.stride_h,
        before=window["pad_h"],
        outside=zero_point(graph.tensor(operation.inputs[0])),
    )


def requantization_constants(found: Requantization) -> tuple[Constant, Constant]:
    """The two arrays that a kernel reads, one value per output channel."""
    return Constant("multiplier", found.multiplier), Constant("shift", found.shift)


def window_fits(graph: Graph, operation: Operation) -> bool:
    """Strides and dilations are 1 or more, and the output has the size that they give."""
    a: WindowAttributes = operation.attributes
    if min(a.stride_h, a.stride_w, a.dilation_h, a.dilation_w) < 1:
        return False
    _, in_h, in_w, _ = graph.tensor(operation.inputs[0]).shape
    _, kernel_h, kernel_w, _ = graph.tensor(operation.inputs[1]).shape
    return graph.tensor(operation.outputs[0]).shape[1:3] == (
        window_output(
            a.border.top + in_h + a.border.bottom, kernel_h, a.stride_h, a.dilation_h, a.padding
        ),
        window_output(
            a.border.left + in_w + a.border.right, kernel_w, a.stride_w, a.dilation_w, a.padding
        ),
    )


def constant_bias(graph: Graph, operation: Operation) -> bool:
    """Its bias is absent, or constant int32 with one value per output channel."""
    if len(operation.inputs) < 3 or operation.inputs[2] < 0:
        return True
    bias = graph.tensor(operation.inputs[2])
    channels = graph.tensor(operation.outputs[0]).shape[-1]
    return bias.constant and bias.dtype is DType.INT32 and bias.elements == channels


def symmetric_weights(tensor: Tensor, axis: int) -> bool:
    """Whether weights are constant int8 with zero point 0, per tensor or per slice of `axis`."""
    quantization = tensor.quantization
    return (
        tensor.constant
        and tensor.dtype is DType.INT8
        and quantization is not None
        and not any(quantization.zero_points)
        and (not quantization.per_channel or quantization.axis == axis)
    )
