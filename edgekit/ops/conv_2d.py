"""CONV_2D: convolution of [1, h, w, in_ch] int8, dilated and grouped forms included."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops import convolution as conv
from edgekit.ops.attributes import Padding, activation
from edgekit.ops.depthwise_conv_2d import depthwise_call
from edgekit.ops.forms import (
    batch_of_one,
    counts,
    int8_per_tensor,
    known_activation,
    variable_input,
)
from edgekit.ops.operator import Constant, KernelCall, Operator, Scratch, TensorPointer
from edgekit.ops.rows import Rows


def constant_weights(graph: Graph, operation: Operation) -> bool:
    """Its weights are constant int8 [out_ch, kernel_h, kernel_w, in_ch / groups], zero point 0,
    with one scale or one per output channel."""
    weights = graph.tensor(operation.inputs[1])
    return len(weights.shape) == 4 and conv.symmetric_weights(weights, axis=0)


def whole_groups(graph: Graph, operation: Operation) -> bool:
    """Its channels, in and out, divide into whole groups."""
    in_ch = graph.tensor(operation.inputs[0]).shape[3]
    out_ch, _, _, depth = graph.tensor(operation.inputs[1]).shape
    if in_ch % depth or graph.tensor(operation.outputs[0]).shape[3] != out_ch:
        return False
    return out_ch % (in_ch // depth) == 0


def sum_fits(graph: Graph, operation: Operation) -> bool:
    """Its largest possible sum, bias included, fits in 32 bits."""
    rows = _rows(graph, operation)
    return conv.largest_sum(rows, conv.bias_of(graph, operation, len(rows))) < 1 << 31


def _rows(graph: Graph, operation: Operation) -> npt.NDArray[np.int8]:
    """The weights as [out_ch, n]."""
    weights = conv.weights_of(graph, operation)
    return weights.reshape(weights.shape[0], -1)


class Conv2D(Operator):
    """The op; its kernel takes weights as TFLite stores them."""

    name = "CONV_2D"
    kernel = "ek_conv_2d_s8.h"
    options_table = "Conv2DOptions"
    constraints = (
        counts(range(2, 4)),
        variable_input,
        int8_per_tensor,
        batch_of_one,
        constant_weights,
        whole_groups,
        known_activation,
        conv.window_fits,
        conv.constant_bias,
        conv.factors_fit,
        sum_fits,
    )

    def attributes(self, options: Any) -> conv.WindowAttributes:
        """Padding, strides, dilation and activation."""
        return conv.WindowAttributes(
            padding=Padding(options.padding),
            stride_h=options.strideH,
            stride_w=options.strideW,
            dilation_h=options.dilationHFactor,
            dilation_w=options.dilationWFactor,
            activation=activation(options.fusedActivationFunction),
        )

    def macs(self, graph: Graph, operation: Operation) -> int:
        """Padded cells count, as everybody counts them."""
        _, kernel_h, kernel_w, depth = graph.tensor(operation.inputs[1]).shape
        return graph.tensor(operation.outputs[0]).elements * kernel_h * kernel_w * depth

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_conv_2d_s8, or of ek_depthwise_conv_2d_s8 for groups of one channel."""
        source, target = operation.inputs[0], operation.outputs[0]
        weights, rows = conv.weights_of(graph, operation), _rows(graph, operation)
        out_ch, kernel_h, kernel_w, depth = weights.shape
        groups = graph.tensor(source).shape[3] // depth
        if depth == 1 and groups > 1 and (out_ch == groups or not operation.attributes.interleaved):
            return depthwise_call(graph, operation, rows, (kernel_h, kernel_w), out_ch // groups)
        bias = conv.bias_of(graph, operation, out_ch)
        factors = conv.requantization(conv.channel_scales(graph, operation), out_ch)
        zero_point = conv.zero_point(graph.tensor(source))
        parameters = {
            **conv.window_parameters(graph, operation, (kernel_h, kernel_w)),
            "groups": groups,
            "out_stride": operation.attributes.out_stride or out_ch,
            "out_group": 1 if operation.attributes.interleaved else out_ch // groups,
            "out_channel": groups if operation.attributes.interleaved else 1,
            "pad_value": zero_point,
            "pairs": int(weights.min() > -128),
            **conv.output_parameters(graph.tensor(target), operation.attributes),
            "small": conv.is_small(conv.largest_sum(rows, bias), factors.shift),
        }
        return KernelCall(
            function="ek_conv_2d_s8",
            header=self.kernel,
            parameters=parameters,
            arguments=(
                TensorPointer(source),
                Constant("weights", weights),
                Constant("bias", conv.folded_bias(rows, bias, zero_point)),
                *conv.requantization_constants(factors),
                TensorPointer(target),
                Scratch(4 * kernel_h * kernel_w * depth),
            ),
        )

    def rows(self, graph: Graph, operation: Operation) -> Rows | None:
        """A kernel's height of them for each."""
        return conv.window_rows(graph, operation, conv.weights_of(graph, operation).shape[1:3])


OPERATOR = Conv2D()
