"""Zoo networks as int8 models whose layers are all alive, and what such a file holds."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from edgekit.frontends import TensorFlowModel
from edgekit.quantize.conversion import float_tflite
from edgekit.tensorflow_loader import quiet
from edgekit.zoo.network import Network
from support.int8_models import int8_tflite
from support.keras_models import load_keras

_OP_NAMES = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}
_WITH_WEIGHTS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def alive(network: Network, seed: int = 0) -> Any:
    """The Keras model with weights as of a trained one.

    Fresh weights let the values fade from layer to layer until int8 cannot tell them from zero.
    Here batch norms hold the statistics of what they see, and scales and biases are not all equal.
    """
    keras = load_keras()
    rng = np.random.default_rng(seed)
    with quiet():
        keras.utils.set_random_seed(seed)
        model = network.keras()
        norms = [layer for layer in model.layers if hasattr(layer, "moving_mean")]
        for layer in model.layers:
            _vary(layer, rng)
        momentum = {norm.name: norm.momentum for norm in norms}
        for norm in norms:
            norm.momentum = 0.0
        model(pictures(8, network.input.shape, seed), training=True)
        for norm in norms:
            norm.momentum = momentum[norm.name]
        _keep_softmax_open(keras, model, pictures(4, network.input.shape, seed))
    return model


def _keep_softmax_open(keras: Any, model: Any, images: npt.NDArray[np.float32]) -> None:
    """Scales the last weights so that classes differ, but none takes it all."""
    scores = keras.Model(model.input, model.layers[-1].input)(images).numpy()
    last = next(layer for layer in reversed(model.layers) if layer.weights)
    last.set_weights([weights / scores.std() for weights in last.get_weights()])


def _vary(layer: Any, rng: np.random.Generator) -> None:
    for name, low, high in (("gamma", 0.5, 1.5), ("beta", -0.5, 1.5), ("bias", -0.1, 0.1)):
        weights = getattr(layer, name, None)
        if weights is not None:
            weights.assign(rng.uniform(low, high, weights.shape))
    if getattr(layer, "bias", None) is not None:  # no batch norm will make up for weak kernels
        shape = layer.kernel.shape
        layer.kernel.assign(rng.normal(0, math.sqrt(2 / math.prod(shape[:-1])), shape))


def int8_model(model: Any) -> bytes:
    """The Keras model converted as `edgekit quantize` does it, calibrated with `pictures`."""
    shape, classes = model.input_shape[1:], model.output_shape[1]
    read = TensorFlowModel(
        Path("model.keras"), "", shape, classes, lambda x: model(x, training=False), single=False
    )
    images = pictures(4, shape, seed=1)
    return int8_tflite(float_tflite(read), iter(images))


def pictures(count: int, shape: tuple[int, ...], seed: int) -> npt.NDArray[np.float32]:
    """Images [count, h, w, c] from 0 to 1 of large patches; noise, once pooled, all looks alike."""
    rng = np.random.default_rng(seed)
    height, width, channels = shape
    patches = rng.random((count, 3, 4, channels), dtype=np.float32)
    rows, columns = np.arange(height) * 3 // height, np.arange(width) * 4 // width
    return patches[:, rows][:, :, columns]


class Int8File:
    """An int8 `.tflite`, counted."""

    def __init__(self, model: bytes) -> None:
        self._model = schema.ModelT.InitFromPackedBuf(model, 0)
        (self._graph,) = self._model.subgraphs

    @property
    def ops(self) -> Counter[str]:
        """How often each op is there."""
        return Counter(self._name(op) for op in self._graph.operators)

    @property
    def weight_bytes(self) -> int:
        """Kernels and biases."""
        return sum(
            len(self._data(number))
            for op in self._graph.operators
            if self._name(op) in _WITH_WEIGHTS
            for number in op.inputs[1:]
            if number >= 0
        )

    @property
    def most_inputs(self) -> int:
        """Of any CONCATENATION."""
        joins = [op for op in self._graph.operators if self._name(op) == "CONCATENATION"]
        return max((len(op.inputs) for op in joins), default=0)

    @property
    def working_set(self) -> int:
        """The most bytes alive in any op; a RESHAPE's output is its input."""
        sources: dict[int, int] = {}
        spans: dict[int, tuple[int, int]] = {}
        for step, op in enumerate(self._graph.operators):
            if self._name(op) == "RESHAPE":
                sources[op.outputs[0]] = sources.get(op.inputs[0], op.inputs[0])
            for number in (*op.inputs, *op.outputs):
                if number >= 0 and not len(self._data(number)):
                    source = sources.get(number, number)
                    spans[source] = (spans.get(source, (step, step))[0], step)
        return max(
            sum(self._bytes(number) for number, (a, b) in spans.items() if a <= step <= b)
            for step in range(len(self._graph.operators))
        )

    def _name(self, op: Any) -> str:
        code = self._model.operatorCodes[op.opcodeIndex]
        return _OP_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]

    def _data(self, number: int) -> Any:
        stored = self._model.buffers[self._graph.tensors[number].buffer].data
        return b"" if stored is None else stored

    def _bytes(self, number: int) -> int:
        return math.prod(int(extent) for extent in self._graph.tensors[number].shape)
