"""A network: layers in the order in which they run, and what can be counted of them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from edgekit.errors import InputError
from edgekit.tensorflow_loader import quiet, tensorflow
from edgekit.units import format_grouped
from edgekit.zoo.network.arranging import Split
from edgekit.zoo.network.layer import Layer, Shape

_TENSOR_VALUES = _FILE_BYTES = 1 << 31
_LAYERS = 10_000


@dataclass(frozen=True, slots=True)
class Value:
    """What a layer gives: its number in the network, and its shape without the batch."""

    number: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Node:
    """A layer in its place."""

    name: str
    layer: Layer
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]


class Network:
    """Grows by `add` and `split`; the value that was added last is its output.

    Of two branches the longer one comes first, as it does in the converted model.
    """

    def __init__(self, name: str, input_shape: Shape) -> None:
        self.name = name
        self.input = Value(0, input_shape)
        self.nodes: list[Node] = []
        self._values = 1

    def add(self, name: str, layer: Layer, *inputs: Value) -> Value:
        """Appends a layer; gives its output. Raises `InputError` when nothing would be left."""
        return self._append(name, layer, inputs, 1)[0]

    def split(self, name: str, x: Value, parts: int = 2) -> tuple[Value, ...]:
        """Appends a `Split`; gives the parts."""
        return self._append(name, Split(parts), (x,), parts)

    def _append(
        self, name: str, layer: Layer, inputs: tuple[Value, ...], count: int
    ) -> tuple[Value, ...]:
        shape = layer.output([value.shape for value in inputs])
        if min(shape) < 1:
            raise InputError(
                f"{self.name} would have a layer {name} of shape {list(shape)}",
                hint="Give it a larger width or resolution, and at least one class.",
            )
        self._require_room(name, shape)
        outputs = tuple(Value(self._values + number, shape) for number in range(count))
        self._values += count
        self.nodes.append(Node(name, layer, inputs, outputs))
        return outputs

    def _require_room(self, name: str, shape: Shape) -> None:
        """Raises `InputError` for a tensor that no .tflite holds, or for layers without end."""
        if math.prod(shape) >= _TENSOR_VALUES:
            raise InputError(
                f"{self.name} would have a layer {name} of shape {list(shape)}, "
                f"{format_grouped(math.prod(shape))} values; "
                "a .tflite has fewer than 2^31 in a tensor",
                hint="Give it a smaller width or resolution, or fewer classes.",
            )
        if len(self.nodes) >= _LAYERS:
            raise InputError(
                f"{self.name} would have more than {_LAYERS} layers", hint="Give it fewer repeats."
            )

    def require_file(self) -> None:
        """Raises `InputError` when its float weights are too large for a .tflite of 2 GiB."""
        if 4 * self.params_total >= _FILE_BYTES:
            raise InputError(
                f"{self.name} would have {format_grouped(self.params_total)} parameters, "
                f"{format_grouped(4 * self.params_total)} B in float; "
                "a .tflite has less than 2 GiB",
                hint="Give it a smaller width, or fewer classes.",
            )

    @property
    def output(self) -> Value:
        """What the last layer gives."""
        return self.nodes[-1].outputs[-1]

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
        """The largest working set: inputs, outputs and what waits, in bytes, of any op.

        Of the int8 model as it is converted. A compiler that lets an op write over its input, or
        that drops ops that only move values, may need less.
        """
        buffers = self._buffers()
        return max(
            sum(size for size, first, last in buffers if first <= step <= last)
            for step in range(len(self.nodes) + 1)
        )

    def _buffers(self) -> list[tuple[int, int, int]]:
        """Size in bytes, first and last step of each buffer."""
        uses = Counter(value.number for node in self.nodes for value in node.inputs)
        owner = {0: 0}
        alive = {0: (math.prod(self.input.shape), 0, 0)}
        for step, node in enumerate(self.nodes, 1):
            for value in node.inputs:
                size, first, _ = alive[owner[value.number]]
                alive[owner[value.number]] = (size, first, step)
            fused = node.layer.absorbed and uses[node.inputs[0].number] == 1
            for value in node.outputs:
                owner[value.number] = owner[node.inputs[0].number] if fused else value.number
                if not fused:
                    alive[value.number] = (math.prod(value.shape), step, step)
        return list(alive.values())

    def keras(self) -> Any:
        """The network as a plain functional Keras model with fresh weights.

        Raises `MissingToolError` without TensorFlow.
        """
        tensorflow("building a Keras model")
        with quiet():
            import keras

            values = {0: keras.Input(self.input.shape, name="image")}
            for node in self.nodes:
                values.update(_applied(node, values))
            return keras.Model(values[0], values[self.output.number], name=self.name)


def _applied(node: Node, values: dict[int, Any]) -> dict[int, Any]:
    inputs = [values[value.number] for value in node.inputs]
    made = node.layer.keras(node.name)(inputs[0] if len(inputs) == 1 else inputs)
    outputs = made if len(node.outputs) > 1 else [made]
    return {value.number: output for value, output in zip(node.outputs, outputs, strict=True)}
