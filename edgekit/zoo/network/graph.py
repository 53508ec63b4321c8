"""A network: layers in the order in which they run, and what can be counted of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edgekit.tensorflow_loader import quiet, tensorflow
from edgekit.zoo.network.layers import Layer, Shape


@dataclass(frozen=True, slots=True)
class Value:
    """What a layer gives: its place in the network, and its shape without the batch."""

    number: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Node:
    """A layer in its place."""

    name: str
    layer: Layer
    inputs: tuple[Value, ...]
    output: Value


class Network:
    """Grows by `add`; the value that was added last is its output."""

    def __init__(self, name: str, input_shape: Shape) -> None:
        self.name = name
        self.input = Value(0, input_shape)
        self.nodes: list[Node] = []

    def add(self, name: str, layer: Layer, *inputs: Value) -> Value:
        """Appends a layer; gives its output."""
        output = Value(len(self.nodes) + 1, layer.output([value.shape for value in inputs]))
        self.nodes.append(Node(name, layer, inputs, output))
        return output

    @property
    def params(self) -> int:
        """Trained values, as papers count them."""
        return sum(node.layer.weights(node.inputs[0].shape).trained for node in self.nodes)

    @property
    def params_total(self) -> int:
        """Trained values and batch-norm statistics, as Keras counts them."""
        return sum(node.layer.weights(node.inputs[0].shape).total for node in self.nodes)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(node.layer.macs(node.inputs[0].shape) for node in self.nodes)

    @property
    def int8_bytes(self) -> int:
        """Weights of the int8 model: a byte per kernel value, four per output channel's bias."""
        return sum(
            node.layer.weights(node.inputs[0].shape).kernel + 4 * node.layer.outputs_per_kernel()
            for node in self.nodes
        )

    @property
    def ram_bytes(self) -> int:
        """The largest working set of int8 activations: no memory plan can do with less."""
        buffers = self._buffers()
        steps = range(len(self.nodes) + 1)
        return max(
            sum(size for size, first, last in buffers if first <= step <= last) for step in steps
        )

    def _buffers(self) -> list[tuple[int, int, int]]:
        """Size in bytes, first and last step of each buffer; fused layers write in place."""
        owner = {0: 0}
        alive = {0: (math.prod(self.input.shape), 0, 0)}
        for step, node in enumerate(self.nodes, 1):
            for value in node.inputs:
                size, first, _ = alive[owner[value.number]]
                alive[owner[value.number]] = (size, first, step)
            if node.layer.in_place:
                owner[step] = owner[node.inputs[0].number]
            else:
                owner[step] = step
                alive[step] = (math.prod(node.output.shape), step, step)
        return list(alive.values())

    def keras(self) -> Any:
        """The network as a plain functional Keras model with fresh weights.

        Raises `MissingToolError` without TensorFlow.
        """
        tensorflow("building a Keras model")
        with quiet():
            import keras

            values = {0: keras.Input(self.input.shape, name="image")}
            for node, inputs in self._with_inputs(values):
                argument = inputs[0] if len(inputs) == 1 else inputs
                values[node.output.number] = node.layer.keras(keras.layers, node.name)(argument)
            return keras.Model(values[0], values[len(self.nodes)], name=self.name)

    def _with_inputs(self, values: dict[int, Any]) -> Iterator[tuple[Node, list[Any]]]:
        for node in self.nodes:
            yield node, [values[value.number] for value in node.inputs]
