"""DEPTHWISE_CONV_2D: each input channel convolved by itself, into one or more output channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops import convolution as conv
from edgekit.ops.attributes import Padding, activation
from edgekit.ops.forms import (
    batch_of_one,
    counts,
    int8_per_tensor,
    known_activation,
    variable_input,
)
from edgekit.ops.operator import (
    Constant,
    InPlace,
    KernelCall,
    Operator,
    Scratch,
    TensorPointer,
)
from edgekit.ops.rows import Rows


@dataclass(frozen=True, slots=True)
class DepthwiseAttributes(conv.WindowAttributes):
    """A window's, and how many output channels each input channel has."""

    multiplier: int


def constant_weights(graph: Graph, operation: Operation) -> bool:
    """Its weights are constant int8 [1, kernel_h, kernel_w, out_ch], zero point 0, with one scale
    or one per output channel."""
    weights = graph.tensor(operation.inputs[1])
    return (
        len(weights.shape) == 4
        and weights.shape[0] == 1
        and conv.symmetric_weights(weights, axis=3)
    )


def whole_multiplier(graph: Graph, operation: Operation) -> bool:
    """Its output channels are its input channels times the depth multiplier."""
    in_ch, out_ch, weights_ch = (
        graph.tensor(number).shape[3]
        for number in (operation.inputs[0], operation.outputs[0], operation.inputs[1])
    )
    attributes: DepthwiseAttributes = operation.attributes
    return out_ch == weights_ch == in_ch * attributes.multiplier


def sum_fits(graph: Graph, operation: Operation) -> bool:
    """Its largest possible sum, bias included, fits in 32 bits."""
    rows = _rows(graph, operation)
    return conv.largest_sum(rows, conv.bias_of(graph, operation, len(rows))) < 1 << 31


def _rows(graph: Graph, operation: Operation) -> npt.NDArray[np.int8]:
    """The weights as [out_ch, kernel_h * kernel_w]: a channel's lie together."""
    weights = conv.weights_of(graph, operation)
    return np.ascontiguousarray(weights.reshape(-1, weights.shape[3]).T)


def _plane(window: dict[str, int]) -> tuple[int, int]:
    """Height and width of what the windows of one channel cover, padding included."""
    reach_h = (window["kernel_h"] - 1) * window["dilation_h"] + 1
    reach_w = (window["kernel_w"] - 1) * window["dilation_w"] + 1
    return (
        (window["out_h"] - 1) * window["stride_h"] + reach_h,
        (window["out_w"] - 1) * window["stride_w"] + reach_w,
    )


def depthwise_call(
    graph: Graph,
    operation: Operation,
    rows: npt.NDArray[np.int8],
    kernel: tuple[int, int],
    multiplier: int,
) -> KernelCall:
    """One call of ek_depthwise_conv_2d_s8; `rows` are the weights as [out_ch, kernel_h * kernel_w],
    of `multiplier` output channels for each input channel."""
    source, target = operation.inputs[0], operation.outputs[0]
    bias = conv.bias_of(graph, operation, len(rows))
    factors = conv.requantization(conv.channel_scales(graph, operation), len(rows))
    zero_point = conv.zero_point(graph.tensor(source))
    window = conv.window_parameters(graph, operation, kernel)
    plane_h, plane_w = _plane(window)
    parameters = {
        **window,
        "plane_h": plane_h,
        "plane_w": plane_w,
        "out_stride": operation.attributes.out_stride or len(rows),
        "depth_multiplier": multiplier,
        "pad_value": zero_point,
        **conv.output_parameters(graph.tensor(target), operation.attributes),
        "small": conv.is_small(conv.largest_sum(rows, bias), factors.shift),
    }
    return KernelCall(
        function="ek_depthwise_conv_2d_s8",
        header="ek_depthwise_conv_2d_s8.h",
        parameters=parameters,
        arguments=(
            TensorPointer(source),
            Constant("weights", rows),
            Constant("bias", conv.folded_bias(rows, bias, zero_point)),
            *conv.requantization_constants(factors),
            TensorPointer(target),
            Scratch(plane_h * plane_w),
        ),
    )


class DepthwiseConv2D(Operator):
    """The op; its kernel takes the weights of one channel after those of another."""

    name = "DEPTHWISE_CONV_2D"
    kernel = "ek_depthwise_conv_2d_s8.h"
    options_table = "DepthwiseConv2DOptions"
    constraints = (
        counts(range(2, 4)),
        variable_input,
        int8_per_tensor,
        batch_of_one,
        constant_weights,
        whole_multiplier,
        known_activation,
        conv.window_fits,
        conv.constant_bias,
        conv.factors_fit,
        sum_fits,
    )

    def attributes(self, options: Any) -> DepthwiseAttributes:
        """Padding, strides, dilation, activation and the depth multiplier."""
        return DepthwiseAttributes(
            padding=Padding(options.padding),
            stride_h=options.strideH,
            stride_w=options.strideW,
            dilation_h=options.dilationHFactor,
            dilation_w=options.dilationWFactor,
            activation=activation(options.fusedActivationFunction),
            multiplier=options.depthMultiplier,
        )

    def macs(self, graph: Graph, operation: Operation) -> int:
        """Padded cells count, as everybody counts them."""
        _, kernel_h, kernel_w, _ = graph.tensor(operation.inputs[1]).shape
        return graph.tensor(operation.outputs[0]).elements * kernel_h * kernel_w

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_depthwise_conv_2d_s8."""
        _, kernel_h, kernel_w, _ = graph.tensor(operation.inputs[1]).shape
        size, multiplier = (kernel_h, kernel_w), operation.attributes.multiplier
        return depthwise_call(graph, operation, _rows(graph, operation), size, multiplier)

    def in_place(self, graph: Graph, operation: Operation) -> Sequence[InPlace]:
        """A channel is copied before its output is written, so the output may take its place."""
        source, target = operation.inputs[0], operation.outputs[0]
        same = graph.tensor(source).shape == graph.tensor(target).shape
        apart = operation.attributes.out_stride > 0
        return (InPlace(input=0, output=0),) if same and not apart else ()

    def rows(self, graph: Graph, operation: Operation) -> Rows | None:
        """A kernel's height of them for each."""
        return conv.window_rows(graph, operation, conv.weights_of(graph, operation).shape[1:3])


OPERATOR = DepthwiseConv2D()
