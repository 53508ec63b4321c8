"""TRANSPOSE_CONV: each input pixel spread over a window of the output, int8."""

from __future__ import annotations

import dataclasses
from typing import Any

from edgekit.ir import Graph, Operation
from edgekit.ops import convolution as conv
from edgekit.ops.attributes import Padding, activation, pad_before, window_output
from edgekit.ops.forms import (
    batch_of_one,
    counts,
    int8_per_tensor,
    known_activation,
    variable_input,
)
from edgekit.ops.operator import Constant, Constraint, KernelCall, Operator, TensorPointer


def as_convolution(operation: Operation) -> Operation:
    """The op with its inputs in the order of a CONV_2D: data, weights, bias.

    Its own order is output shape, weights, data, bias; the output's shape is known.
    """
    _, weights, data, *bias = operation.inputs
    return dataclasses.replace(operation, inputs=(data, weights, *bias))


def _of_convolution(constraint: Constraint) -> Constraint:
    """A constraint on a CONV_2D, asked of this op."""

    def asked(graph: Graph, operation: Operation) -> bool:
        return constraint(graph, as_convolution(operation))

    asked.__doc__ = (constraint.__doc__ or "").replace("first input", "data")
    return asked


def constant_weights(graph: Graph, operation: Operation) -> bool:
    """Its weights are constant int8 [out_ch, kernel_h, kernel_w, in_ch], zero point 0, with one
    scale or one per output channel, for as many channels as its data and its output have."""
    data, weights = (graph.tensor(number) for number in as_convolution(operation).inputs[:2])
    if len(weights.shape) != 4 or not conv.symmetric_weights(weights, axis=0):
        return False
    out_ch, _, _, in_ch = weights.shape
    return (in_ch, out_ch) == (data.shape[3], graph.tensor(operation.outputs[0]).shape[3])


def window_fits(graph: Graph, operation: Operation) -> bool:
    """Its strides are 1 or more, and a convolution of its output would have its data's size."""
    a: conv.WindowAttributes = operation.attributes
    if min(a.stride_h, a.stride_w) < 1:
        return False
    _, in_h, in_w, _ = graph.tensor(as_convolution(operation).inputs[0]).shape
    _, kernel_h, kernel_w, _ = graph.tensor(operation.inputs[1]).shape
    _, out_h, out_w, _ = graph.tensor(operation.outputs[0]).shape
    return (in_h, in_w) == (
        window_output(out_h, kernel_h, a.stride_h, 1, a.padding),
        window_output(out_w, kernel_w, a.stride_w, 1, a.padding),
    )


def sum_fits(graph: Graph, operation: Operation) -> bool:
    """Its largest possible sum, bias included, fits in 32 bits."""
    return _largest_sum(graph, as_convolution(operation)) < 1 << 31


def _largest_sum(graph: Graph, convolution: Operation) -> int:
    weights = conv.weights_of(graph, convolution)
    out_ch = weights.shape[0]
    return conv.largest_sum(weights.reshape(out_ch, -1), conv.bias_of(graph, convolution, out_ch))


class TransposeConv(Operator):
    """The op; each output pixel gathers what falls on it, so that no sums lie in memory."""

    name = "TRANSPOSE_CONV"
    kernel = "ek_transpose_conv_s8.h"
    options_table = "TransposeConvOptions"
    constraints = (
        counts(range(3, 5)),
        *map(_of_convolution, (int8_per_tensor, variable_input, batch_of_one)),
        constant_weights,
        known_activation,
        window_fits,
        *map(_of_convolution, (conv.constant_bias, conv.factors_fit)),
        sum_fits,
    )

    def attributes(self, options: Any) -> conv.WindowAttributes:
        """Padding, strides and activation."""
        return conv.WindowAttributes(
            padding=Padding(options.padding),
            stride_h=options.strideH,
            stride_w=options.strideW,
            dilation_h=1,
            dilation_w=1,
            activation=activation(options.fusedActivationFunction),
        )

    def macs(self, graph: Graph, operation: Operation) -> int:
        """Every weight meets every pixel of its input channel; what falls outside counts too."""
        out_ch, kernel_h, kernel_w, _ = graph.tensor(operation.inputs[1]).shape
        return graph.tensor(operation.inputs[2]).elements * kernel_h * kernel_w * out_ch

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_transpose_conv_s8."""
        convolution = as_convolution(operation)
        source, target = convolution.inputs[0], operation.outputs[0]
        weights = conv.weights_of(graph, convolution)
        out_ch = weights.shape[0]
        factors = conv.requantization(conv.channel_scales(graph, convolution), out_ch)
        bias = conv.bias_of(graph, convolution, out_ch)
        parameters = {
            **_window_parameters(graph, convolution),
            "input_offset": -conv.zero_point(graph.tensor(source)),
            **conv.output_parameters(graph.tensor(target), operation.attributes),
            "small": conv.is_small(_largest_sum(graph, convolution), factors.shift),
        }
        return KernelCall(
            function="ek_transpose_conv_s8",
            header=self.kernel,
            parameters=parameters,
            arguments=(
                TensorPointer(source),
                Constant("weights", weights),
                Constant("bias", bias.astype("int32")),
                *conv.requantization_constants(factors),
                TensorPointer(target),
            ),
        )


def _window_parameters(graph: Graph, convolution: Operation) -> dict[str, int]:
    _, in_h, in_w, in_ch = graph.tensor(convolution.inputs[0]).shape
    out_ch, kernel_h, kernel_w, _ = graph.tensor(convolution.inputs[1]).shape
    _, out_h, out_w, _ = graph.tensor(convolution.outputs[0]).shape
    a: conv.WindowAttributes = convolution.attributes
    return {
        "in_h": in_h,
        "in_w": in_w,
        "in_ch": in_ch,
        "out_h": out_h,
        "out_w": out_w,
        "out_ch": out_ch,
        "kernel_h": kernel_h,
        "kernel_w": kernel_w,
        "stride_h": a.stride_h,
        "stride_w": a.stride_w,
        # The padding of the convolution that has this op's output for its input.
        "pad_h": pad_before(out_h, kernel_h, a.stride_h, 1, in_h, a.padding),
        "pad_w": pad_before(out_w, kernel_w, a.stride_w, 1, in_w, a.padding),
    }


OPERATOR = TransposeConv()
