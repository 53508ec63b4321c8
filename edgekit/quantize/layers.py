"""The layers of a `.tflite` that have weights, float or int8."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgekit.tflite.editing import ABSENT, Editor

_OPERANDS = {  # where an op has its input, weights and bias, and which axis counts channels
    "CONV_2D": (0, 1, 2, 0),
    "DEPTHWISE_CONV_2D": (0, 1, 2, 3),
    "FULLY_CONNECTED": (0, 1, 2, 0),
    "TRANSPOSE_CONV": (2, 1, 3, 0),
}


@dataclass(frozen=True, slots=True)
class WeightedLayer:
    """An op with constant weights; `name` is its output's, `bias` is `ABSENT` where it has none.

    `input`, `weights`, `bias` and `output` are tensors' numbers in the model that was asked,
    `axis` is that of the weights' output channels.
    """

    index: int
    op: str
    name: str
    input: int
    weights: int
    bias: int
    output: int
    axis: int


def weighted_layers(model: Editor) -> tuple[WeightedLayer, ...]:
    """Every convolution and fully connected layer with constant weights, as they run."""
    found = []
    for op in model.ops():
        if op.op not in _OPERANDS:
            continue
        entrance, weights, bias, axis = _OPERANDS[op.op]
        if model.constant(op.inputs[weights]) is None:
            continue
        found.append(
            WeightedLayer(
                op.index,
                op.op,
                model.tensor_name(op.outputs[0]),
                op.inputs[entrance],
                op.inputs[weights],
                op.inputs[bias] if bias < len(op.inputs) else ABSENT,
                op.outputs[0],
                axis,
            )
        )
    return tuple(found)


def float_layers(model: Editor) -> tuple[tuple[str, ...], int]:
    """Of an int8 model's convolutions and fully connected layers those that compute in float32,
    by their outputs' names, and how many such layers there are in all."""
    layers = [op for op in model.ops() if op.op in _OPERANDS]
    left = (op for op in layers if model.dtype(op.inputs[_OPERANDS[op.op][0]]) == np.float32)
    return tuple(model.tensor_name(op.outputs[0]) for op in left), len(layers)
