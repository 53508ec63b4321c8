"""Small float models of convolutions, with weights of the caller's choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from support.models import ModelBuilder, Value, constant

NONE, RELU, RELU6 = 0, 1, 3
_SAME = 0
Array = npt.NDArray[np.float32]


class FloatNet(ModelBuilder):
    """Adds layers by name over maps of one size; each method gives the output's number."""

    def __init__(self, shape: tuple[int, int, int], seed: int = 0) -> None:
        super().__init__()
        self.rng = np.random.default_rng(seed)
        self._size = shape[:2]
        self.entrance = self._value("image", shape[2])

    def _value(self, name: str, channels: int) -> int:
        return self.tensor(Value((1, *self._size, channels), dtype="float32", name=name))

    def weights(self, out: int, kernel: int, depth: int) -> Array:
        """Random weights that keep a value's size."""
        gain = np.sqrt(1 / (kernel * kernel * depth))
        return self.rng.normal(0, gain, (out, kernel, kernel, depth)).astype(np.float32)

    def conv(
        self, name: str, source: int, weights: Array, bias: Any = 0.0, activation: int = NONE
    ) -> int:
        """CONV_2D of weights [out, h, w, in], padded."""
        options = schema.Conv2DOptionsT(
            padding=_SAME, strideH=1, strideW=1, fusedActivationFunction=activation
        )
        return self._layer("CONV_2D", name, source, weights, bias, len(weights), options)

    def depthwise(
        self, name: str, source: int, weights: Array, bias: Any = 0.0, activation: int = NONE
    ) -> int:
        """DEPTHWISE_CONV_2D of weights [1, h, w, ch], padded."""
        options = schema.DepthwiseConv2DOptionsT(
            padding=_SAME,
            strideH=1,
            strideW=1,
            depthMultiplier=1,
            fusedActivationFunction=activation,
        )
        channels = weights.shape[-1]
        return self._layer("DEPTHWISE_CONV_2D", name, source, weights, bias, channels, options)

    def add(self, name: str, a: int, b: int, activation: int = NONE) -> int:
        """ADD of two maps of one shape."""
        channels = self._tensors[a].shape[-1]
        output = self._value(name, channels)
        self.op("ADD", [a, b], [output], schema.AddOptionsT(fusedActivationFunction=activation))
        return output

    def concat(self, name: str, *sources: int) -> int:
        """CONCATENATION of channels."""
        output = self._value(name, sum(self._tensors[one].shape[-1] for one in sources))
        self.op("CONCATENATION", list(sources), [output], schema.ConcatenationOptionsT(axis=3))
        return output

    def mean(self, name: str, source: int) -> int:
        """MEAN over the map."""
        channels = self._tensors[source].shape[-1]
        output = self.tensor(Value((1, channels), dtype="float32", name=name))
        axes = self.tensor(constant(np.array([1, 2], np.int32)))
        self.op("MEAN", [source, axes], [output], schema.ReducerOptionsT(keepDims=False))
        return output

    def done(self, output: int) -> bytes:
        """The .tflite file."""
        return self.finish([self.entrance], [output])

    def _layer(
        self, op: str, name: str, source: int, weights: Array, bias: Any, channels: int, how: Any
    ) -> int:
        output = self._value(name, channels)
        biases = np.broadcast_to(np.asarray(bias, np.float32), (channels,)).copy()
        inputs = [source, self.tensor(constant(weights)), self.tensor(constant(biases))]
        self.op(op, inputs, [output], how)
        return output


def residual(seed: int = 0) -> bytes:
    """Two convolutions in a branch that is added to what went into it, and scores."""
    net = FloatNet((8, 8, 3), seed)
    stem = net.conv("stem", net.entrance, net.weights(6, 3, 3), activation=RELU6)
    inner = net.conv("inner", stem, 3 * net.weights(12, 1, 6), activation=RELU6)
    branch = net.conv("branch", inner, net.weights(6, 1, 12))
    added = net.add("sum", stem, branch)
    scores = net.conv("scores_map", added, net.weights(5, 1, 6))
    return net.done(net.mean("scores", scores))
