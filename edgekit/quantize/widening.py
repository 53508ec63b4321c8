"""Some tensors of an int8 model in int16, and conversions at their borders.

The layers that make and read them become TFLite's 16x8 forms: int16 activations without a zero
point, int8 weights as they were, int64 biases (https://ai.google.dev/edge/litert/conversion/
tensorflow/quantization/quantization_spec; ADD with scales of its own choice is its version 3).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgekit.ir import Quantization
from edgekit.quantize.real_values import real_constant
from edgekit.quantize.spread import Range
from edgekit.tflite.editing import ABSENT, Editor, Op
from edgekit.tflite.rewriting import operator_code

_VERSIONS = {"ADD": 3, "CONV_2D": 4, "DEPTHWISE_CONV_2D": 5}
_QUANTIZE_VERSION = 2
_LARGEST = 32_767


def may_widen(model: Editor, tensor: int) -> bool:
    """Whether all ops that make or read a tensor have an int16 form that LiteRT and TFLM share."""
    touching = [op for op in model.ops() if tensor in (*op.inputs, *op.outputs)]
    ends = (*model.inputs, *model.outputs)
    return (
        model.dtype(tensor) == np.int8
        and tensor not in ends
        and all(op.op in _VERSIONS and _constants_fit(model, op) for op in touching)
    )


def _constants_fit(model: Editor, op: Op) -> bool:
    """Whether an op's activations are computed and its weights are constant."""
    constant = [tensor != ABSENT and model.constant(tensor) is not None for tensor in op.inputs]
    return constant in ([False, False], [False, True], [False, True, True])


def widen(model: Editor, ranges: Mapping[int, Range]) -> None:
    """Makes these tensors int16, each with a scale that holds its range.

    Each must be one that `may_widen` allows.
    """
    for tensor, (low, high) in ranges.items():
        model.set_type(tensor, np.int16)
        model.set_quantization(tensor, _symmetric(max(-low, high)))
    for index in reversed(range(sum(1 for _ in model.ops()))):  # what is inserted lies behind
        op = model.op(index)
        if any(tensor in ranges for tensor in (*op.inputs, *op.outputs)):
            _widen_op(model, op)


def _widen_op(model: Editor, op: Op) -> None:
    operator = model.model.subgraphs[0].operators[op.index]
    operator.opcodeIndex = operator_code(model.model, op.op, _VERSIONS[op.op])
    activations = 2 if op.op == "ADD" else 1
    if op.op == "ADD":
        op.options.potScaleInt16 = False
    twins = {tensor: _twin(model, tensor) for tensor in op.inputs[:activations]}
    inputs = [twins[tensor] for tensor in op.inputs[:activations]]
    output = _twin(model, op.outputs[0])
    model.set_op(op.index, inputs=(*inputs, *op.inputs[activations:]), outputs=(output,))
    if op.op != "ADD":
        _widen_bias(model, op, inputs[0])
    if output != op.outputs[0]:
        _insert_quantize(model, op.index + 1, output, op.outputs[0])
    for tensor, twin in twins.items():
        if twin != tensor:
            _insert_quantize(model, op.index, tensor, twin)


def _twin(model: Editor, tensor: int) -> int:
    """The tensor itself where it is int16, else a new one that holds its values in int16."""
    if model.dtype(tensor) == np.int16:
        return tensor
    quantization = model.quantization(tensor)
    assert quantization is not None
    reach = quantization.scale * (129 + abs(quantization.zero_point))
    name = f"{model.tensor_name(tensor)};int16;{sum(1 for _ in model.ops())}"
    return model.add_tensor(name, model.shape(tensor), np.int16, _symmetric(reach))


def _symmetric(reach: float) -> Quantization:
    return Quantization(((reach or 1.0) / _LARGEST,), (0,), 0)


def _insert_quantize(model: Editor, index: int, source: int, target: int) -> None:
    model.insert_op(index, "QUANTIZE", [source], [target], version=_QUANTIZE_VERSION)


def _widen_bias(model: Editor, op: Op, source: int) -> None:
    """Gives a layer an int64 bias in the scale of its int16 input times that of its weights."""
    if len(op.inputs) < 3 or op.inputs[2] == ABSENT:
        return
    bias = op.inputs[2]
    real = real_constant(model, bias)
    weights, entrance = model.quantization(op.inputs[1]), model.quantization(source)
    assert real is not None
    assert weights is not None
    assert entrance is not None
    scales = np.array(weights.scales, np.float64) * np.float32(entrance.scale)
    values = np.round(real.astype(np.float64) / scales).astype(np.int64)
    fresh = model.add_tensor(f"{model.tensor_name(bias)};int64", values.shape, np.int64)
    model.set_constant(fresh, values)
    zeros = (0,) * len(scales)
    model.set_quantization(fresh, Quantization(tuple(map(float, scales)), zeros, 0))
    inputs = model.op(op.index).inputs
    model.set_op(op.index, inputs=(inputs[0], inputs[1], fresh))
