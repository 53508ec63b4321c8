"""FULLY_CONNECTED: a matrix of weights times each row of the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.fixedpoint import Activation
from edgekit.ir import Graph, Operation
from edgekit.ops import convolution as conv
from edgekit.ops.attributes import ANY_INT8, Limits, activation
from edgekit.ops.forms import counts, int8_per_tensor, known_activation, variable_input
from edgekit.ops.operator import Constant, KernelCall, Operator, TensorPointer


@dataclass(frozen=True, slots=True)
class FullyConnectedAttributes:
    """`activation` is None for one that is not compiled."""

    activation: Activation | None
    plain_weights: bool
    limits: Limits = ANY_INT8


def plain_weights(graph: Graph, operation: Operation) -> bool:  # noqa: ARG001
    """Its weights are in the default format, not shuffled."""
    return bool(operation.attributes.plain_weights)


def constant_weights(graph: Graph, operation: Operation) -> bool:
    """Its weights are constant int8 [out, in], zero point 0, with one scale or one per output."""
    weights = graph.tensor(operation.inputs[1])
    return len(weights.shape) == 2 and conv.symmetric_weights(weights, axis=0)


def whole_rows(graph: Graph, operation: Operation) -> bool:
    """Its input is whole rows of [in] values, its output as many rows of [out]."""
    source, target = graph.tensor(operation.inputs[0]), graph.tensor(operation.outputs[0])
    out, depth = graph.tensor(operation.inputs[1]).shape
    if source.elements % depth or target.shape[-1:] != (out,):
        return False
    return target.elements == source.elements // depth * out


def sum_fits(graph: Graph, operation: Operation) -> bool:
    """Its largest possible sum, bias included, fits in 32 bits."""
    weights = conv.weights_of(graph, operation)
    return conv.largest_sum(weights, conv.bias_of(graph, operation, len(weights))) < 1 << 31


def _scales(graph: Graph, operation: Operation) -> npt.NDArray[np.float64]:
    """The real factors. With a single one TFLite multiplies the two scales in float32 here, not in
    double as for convolutions and for one per output."""
    source, weights = (graph.tensor(number).quantization for number in operation.inputs[:2])
    target = graph.tensor(operation.outputs[0]).quantization
    assert source is not None
    assert weights is not None
    assert target is not None
    if weights.per_channel:
        return conv.channel_scales(graph, operation)
    with np.errstate(over="ignore"):
        product = float(np.float32(source.scale) * np.float32(weights.scale))
    return np.array([product / target.scale])


def factors_fit(graph: Graph, operation: Operation) -> bool:
    """Its scales give factors, input * weights / output, below 2^30."""
    return bool(_scales(graph, operation).max() < conv.LARGEST_FACTOR)


def bias_scale_fits(graph: Graph, operation: Operation) -> bool:
    """Its bias has the scale input * weights, to 2 % of the output's, where that is one scale."""
    if len(operation.inputs) < 3 or operation.inputs[2] == -1:
        return True
    source, weights, bias = (graph.tensor(number).quantization for number in operation.inputs)
    target = graph.tensor(operation.outputs[0]).quantization
    assert source is not None
    assert weights is not None
    assert target is not None
    if weights.per_channel:  # which TFLite does not look at either
        return True
    found = bias.scales[0] if bias is not None else 0.0
    return abs(source.scale * weights.scale - found) <= 0.02 * target.scale


class FullyConnected(Operator):
    """The op; its kernel takes weights as TFLite stores them."""

    name = "FULLY_CONNECTED"
    kernel = "ek_fully_connected_s8.h"
    options_table = "FullyConnectedOptions"
    constraints = (
        counts(range(2, 4)),
        variable_input,
        int8_per_tensor,
        plain_weights,
        constant_weights,
        whole_rows,
        known_activation,
        conv.constant_bias,
        bias_scale_fits,
        factors_fit,
        sum_fits,
    )

    def attributes(self, options: Any) -> FullyConnectedAttributes:
        """Activation and the format of the weights."""
        return FullyConnectedAttributes(
            activation=activation(options.fusedActivationFunction),
            plain_weights=options.weightsFormat == 0,
        )

    def macs(self, graph: Graph, operation: Operation) -> int:
        """One per weight and row."""
        return (
            graph.tensor(operation.outputs[0]).elements * graph.tensor(operation.inputs[1]).shape[1]
        )

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_fully_connected_s8."""
        source, target = operation.inputs[0], operation.outputs[0]
        weights = conv.weights_of(graph, operation)
        out, depth = weights.shape
        bias = conv.bias_of(graph, operation, out)
        factors = conv.requantization(_scales(graph, operation), 1)
        zero_point = conv.zero_point(graph.tensor(source))
        parameters = {
            "rows": graph.tensor(source).elements // depth,
            "in_ch": depth,
            "out_ch": out,
            "per_channel": int(len(factors.shift) > 1),
            **conv.output_parameters(graph.tensor(target), operation.attributes),
            "small": conv.is_small(conv.largest_sum(weights, bias), factors.shift),
        }
        return KernelCall(
            function="ek_fully_connected_s8",
            header=self.kernel,
            parameters=parameters,
            arguments=(
                TensorPointer(source),
                Constant("weights", weights),
                Constant("bias", conv.folded_bias(weights, bias, zero_point)),
                *conv.requantization_constants(factors),
                TensorPointer(target),
            ),
        )


OPERATOR = FullyConnected()
