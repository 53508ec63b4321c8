"""Weights with their channels in another order, or only some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from edgekit.ir import Graph, Operation, Quantization, Tensor

DEPTHWISE_AXIS, OUTPUT_AXIS, INPUT_AXIS = 3, 0, 3
"""Axes of weights: a depthwise channel, an output and an input channel of a convolution."""


@dataclass(slots=True)
class Additions:
    """Tensors that a pass adds to a graph."""

    graph: Graph
    tensors: list[Tensor] = field(default_factory=list)

    def add(self, tensor: Tensor) -> int:
        """The new tensor's number."""
        self.tensors.append(tensor)
        return len(self.graph.tensors) + len(self.tensors) - 1

    def tensor(self, number: int) -> Tensor:
        """A tensor of the graph, or one that was added."""
        old = len(self.graph.tensors)
        return self.graph.tensor(number) if number < old else self.tensors[number - old]

    def chosen(self, number: int, axis: int, channels: Sequence[int]) -> int:
        """A constant with those of its slices along an axis, in that order."""
        return self.add(_chosen(self.tensor(number), axis, channels))

    def finish(self, operations: Sequence[Operation]) -> Graph:
        """The graph with the tensors and with other operations."""
        tensors = (*self.graph.tensors, *self.tensors)
        return replace(self.graph, tensors=tensors, operations=tuple(operations))


def _chosen(tensor: Tensor, axis: int, channels: Sequence[int]) -> Tensor:
    assert tensor.data is not None
    data = np.ascontiguousarray(np.take(tensor.data, channels, axis))
    quantization = tensor.quantization
    if quantization is not None and quantization.per_channel and quantization.axis == axis:
        quantization = Quantization(
            tuple(quantization.scales[channel] for channel in channels),
            tuple(quantization.zero_points[channel] for channel in channels),
            axis,
        )
    return replace(tensor, shape=data.shape, data=data, quantization=quantization)


def reading(add: Additions, conv: Operation, channels: Sequence[int]) -> Operation:
    """An ungrouped convolution for an input whose channel j is what was channel `channels[j]`."""
    weights = add.chosen(conv.inputs[1], INPUT_AXIS, channels)
    return replace(conv, inputs=(conv.inputs[0], weights, *conv.inputs[2:]))


def writing(add: Additions, op: Operation, channels: Sequence[int], axis: int) -> Operation:
    """A convolution whose output channel j is what was channel `channels[j]`; for a depthwise one
    its input's channels are those as well."""
    weights = add.chosen(op.inputs[1], axis, channels)
    biases = tuple(
        add.chosen(number, 0, channels) if number >= 0 else number for number in op.inputs[2:]
    )
    return replace(op, inputs=(op.inputs[0], weights, *biases))


def is_plain_conv(graph: Graph, operation: Operation) -> bool:
    """Whether it is a CONV_2D of one group: each output channel sees every input channel."""
    if operation.op != "CONV_2D":
        return False
    depth = graph.tensor(operation.inputs[1]).shape[3]
    return depth == graph.tensor(operation.inputs[0]).shape[3]


def is_plain_depthwise(operation: Operation) -> bool:
    """Whether it is a DEPTHWISE_CONV_2D with one output channel for each input channel."""
    return operation.op == "DEPTHWISE_CONV_2D" and operation.attributes.multiplier == 1
