"""The weights of a layer of an int8 `.tflite`, read and written as whole numbers times scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.ir import Quantization
from edgekit.quantize.layers import WeightedLayer
from edgekit.quantize.real_values import real_constant
from edgekit.tflite.editing import ABSENT, Editor

Doubles = npt.NDArray[np.float64]

MOST = 127
"""The largest magnitude of a weight: TFLite's int8 weights are symmetric, without -128."""

_INT32 = 2**31 - 1


def channels(model: Editor, layer: WeightedLayer) -> int:
    """How many output channels a layer has."""
    return model.shape(layer.weights)[layer.axis]


def real_bias(model: Editor, layer: WeightedLayer) -> Doubles:
    """A layer's bias [channels] in real numbers, zeros where it has none."""
    found = None if layer.bias == ABSENT else real_constant(model, layer.bias)
    return np.zeros(channels(model, layer)) if found is None else found.astype(np.float64)


def scales(model: Editor, layer: WeightedLayer) -> Doubles:
    """The weights' scale for each output channel [channels]; equal ones where there is one."""
    found = np.array(_quantization(model, layer).scales, np.float64)
    return np.broadcast_to(found, (channels(model, layer),)).copy()


def write_bias(model: Editor, layer: WeightedLayer, bias: Doubles) -> None:
    """Gives a layer this bias [channels], real, in the int32 steps of its weights' scales."""
    source = model.quantization(layer.input)
    assert source is not None
    found = _quantization(model, layer)
    # In float32, as the runtimes multiply; they refuse a bias of another scale.
    steps = np.float32(source.scale) * np.array(found.scales, np.float32)
    whole = np.clip(np.rint(bias / steps.astype(np.float64)), -_INT32, _INT32)
    tensor = _bias_tensor(model, layer)
    # A bias of int64 belongs to int16 activations.
    dtype = model.dtype(tensor) if model.constant(tensor) is not None else np.dtype(np.int32)
    model.set_constant(tensor, whole.astype(dtype))
    zeros = (0,) * len(found.scales)
    model.set_quantization(tensor, Quantization(tuple(steps.tolist()), zeros, 0))


def write_weights(model: Editor, layer: WeightedLayer, whole: npt.NDArray[Any]) -> None:
    """Gives a layer these whole-number weights, in its own shape; scales and bias stay."""
    model.set_constant(layer.weights, np.clip(whole, -MOST, MOST).astype(np.int8))


def _quantization(model: Editor, layer: WeightedLayer) -> Quantization:
    found = model.quantization(layer.weights)
    assert found is not None, f"{layer.name} has no int8 weights"
    return found


def _bias_tensor(model: Editor, layer: WeightedLayer) -> int:
    if layer.bias != ABSENT:
        return layer.bias
    made = model.add_tensor(f"{layer.name};bias", (channels(model, layer),), np.int32)
    inputs = model.op(layer.index).inputs
    model.set_op(layer.index, inputs=[*(t for t in inputs if t != ABSENT), made])
    return made
