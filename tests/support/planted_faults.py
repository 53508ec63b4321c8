"""A small float net and its int8 twin, quantized here so that a fault can be planted in either.

image [8, 6, 3] → conv1 3×3, ReLU6 → conv2 1×1 → dw 3×3, ReLU → add (conv2 + dw) → scores [5]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from edgekit.ir import Quantization
from edgekit.quantize.layers import WeightedLayer, weighted_layers
from edgekit.quantize.observing import observe
from edgekit.tflite.editing import Editor
from support.models import ModelBuilder, Value, constant

SHAPE = (8, 6, 3)
CHANNELS = 8
CLASSES = 5
LAYERS = ("conv1", "conv2", "dw", "add", "scores_map")

Floats = npt.NDArray[np.float32]
_NONE, _RELU, _RELU6 = 0, 1, 3


def parameters(seed: int = 0) -> dict[str, tuple[Floats, Floats]]:
    """Weights and bias of each layer, drawn to keep activations near one."""
    rng = np.random.default_rng(seed)
    shapes = {
        "conv1": (CHANNELS, 3, 3, 3),
        "conv2": (CHANNELS, 1, 1, CHANNELS),
        "dw": (1, 3, 3, CHANNELS),
        "scores_map": (CLASSES, *SHAPE[:2], CHANNELS),
    }
    found = {}
    for name, shape in shapes.items():
        fan_in = 9 if name == "dw" else int(np.prod(shape[1:]))
        weights = rng.normal(0, fan_in**-0.5, shape).astype(np.float32)
        outputs = shape[3] if name == "dw" else shape[0]
        found[name] = weights, rng.normal(0, 0.3, outputs).astype(np.float32)
    return found


def float_model(given: Mapping[str, tuple[Floats, Floats]] | None = None) -> bytes:
    """The net with these weights and biases."""
    values = given or parameters()
    builder = ModelBuilder()
    inner = (1, *SHAPE[:2], CHANNELS)

    def activation(name: str, shape: Sequence[int]) -> int:
        return builder.tensor(Value(tuple(shape), dtype="float32", name=name))

    def layer(name: str, source: int, shape: Sequence[int], fused: int = _NONE) -> int:
        weights, bias = (builder.tensor(constant(part)) for part in values[name])
        out = activation(name, shape)
        op = "DEPTHWISE_CONV_2D" if name == "dw" else "CONV_2D"
        builder.op(op, [source, weights, bias], [out], _options(name, fused))
        return out

    image = activation("image", (1, *SHAPE))
    conv1 = layer("conv1", image, inner, _RELU6)
    conv2 = layer("conv2", conv1, inner)
    dw = layer("dw", conv2, inner, _RELU)
    added, scores = activation("add", inner), activation("scores", (1, CLASSES))
    builder.op("ADD", [conv2, dw], [added], schema.AddOptionsT())
    scores_map = layer("scores_map", added, (1, 1, 1, CLASSES))
    shape = builder.tensor(constant(np.array([1, CLASSES], np.int32)))
    builder.op("RESHAPE", [scores_map, shape], [scores], schema.ReshapeOptionsT())
    return builder.finish([image], [scores])


def _options(name: str, fused: int) -> object:
    kinds = schema.DepthwiseConv2DOptionsT if name == "dw" else schema.Conv2DOptionsT
    options = kinds()
    valid = name == "scores_map"
    options.padding = schema.Padding.VALID if valid else schema.Padding.SAME
    options.strideH = options.strideW = 1
    options.dilationHFactor = options.dilationWFactor = 1
    options.fusedActivationFunction = fused
    if name == "dw":
        options.depthMultiplier = 1
    return options


def images(count: int = 12, seed: int = 1) -> list[Floats]:
    """Inputs of mean 0 and deviation 1."""
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 1, SHAPE).astype(np.float32) for _ in range(count)]


@dataclass(frozen=True)
class Faults:
    """What goes wrong in quantization: ranges times a factor, weights rounded another way."""

    widen: Mapping[str, float] = field(default_factory=dict)
    rounding: Mapping[str, Callable[[Floats], Floats]] = field(default_factory=dict)


def int8_model(model: bytes, inputs: Sequence[Floats], faults: Faults | None = None) -> bytes:
    """A float net of these layers in int8: per channel, ranges from min and max."""
    faults, editor = faults or Faults(), Editor(model, "planted")
    ranges: dict[str, tuple[float, float]] = {}
    for values in observe(model, inputs):
        for name, value in values.items():
            low, high = ranges.get(name, (0.0, 0.0))
            ranges[name] = (min(low, float(value.min())), max(high, float(value.max())))
    ranges["scores"] = ranges["scores_map"]
    for name, (low, high) in ranges.items():
        factor = faults.widen.get(name, 1.0)
        tensor = editor.find(name)
        editor.set_type(tensor, np.int8)
        editor.set_quantization(tensor, _quantization(factor * low, factor * high))
    for layer in weighted_layers(editor):
        _quantize_layer(editor, layer, faults.rounding.get(layer.name, np.rint))
    return editor.bytes()


def _quantization(low: float, high: float) -> Quantization:
    scale = float(np.float32((high - low) / 255))
    return Quantization((scale,), (round(-128 - low / scale),))


def _quantize_layer(
    editor: Editor, layer: WeightedLayer, rounded: Callable[[Floats], Floats]
) -> None:
    weights, bias = editor.constant(layer.weights), editor.constant(layer.bias)
    others = tuple(axis for axis in range(4) if axis != layer.axis)
    scales = np.maximum(np.abs(weights).max(axis=others), 1e-2) / 127
    spread = [1] * 4
    spread[layer.axis] = -1
    steps = np.clip(rounded(weights / scales.reshape(spread)), -127, 127)
    zeros = (0,) * len(scales)
    editor.set_constant(layer.weights, steps.astype(np.int8))
    editor.set_quantization(layer.weights, Quantization(tuple(scales), zeros, layer.axis))
    bias_scales = scales * editor.quantization(layer.input).scale
    editor.set_constant(layer.bias, np.rint(bias / bias_scales).astype(np.int32))
    editor.set_quantization(layer.bias, Quantization(tuple(bias_scales), zeros))
