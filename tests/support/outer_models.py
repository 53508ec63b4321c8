"""Int8 models with other types at their ends, as converters leave them there."""

from __future__ import annotations

import copy
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from edgekit.tflite.rewriting import operator_code, pack, unpack
from support.models import Value
from support.small_nets import NetBuilder

SHAPE, RESULT = (1, 5, 4, 2), (1, 5, 4, 3)
_BIAS = 128


def outer_model(taken: str, given: str) -> bytes:
    """A 1 x 1 convolution from 5 x 4 x 2 to 5 x 4 x 3 values; its file takes and gives these types:
    "int8", "uint8" or "float32"."""
    net = NetBuilder()
    inside = net.value(*SHAPE)
    source = inside if taken == "int8" else _outside(net, SHAPE, taken)
    if source != inside:
        net.op("QUANTIZE", [source], [inside])
    result = net.conv(inside, RESULT, (3, 1, 1, 2))
    target = result if given == "int8" else _outside(net, RESULT, given)
    if target != result:
        net.op("DEQUANTIZE" if given == "float32" else "QUANTIZE", [result], [target])
    return net.finish([source], [target])


def _outside(net: NetBuilder, shape: tuple[int, ...], kind: str) -> int:
    if kind == "float32":
        return net.tensor(Value(shape, None, dtype=kind))
    return net.tensor(Value(shape, net.scale, net.zero_point + _BIAS, dtype=kind))


def wrapped(model: bytes, taken: str, given: str) -> bytes:
    """An int8 model with a conversion to other types before it and behind it."""
    unpacked = unpack(model, "m")
    (graph,) = unpacked.subgraphs
    if taken != "int8":
        inside = int(graph.inputs[0])
        graph.inputs = [_beside(graph, inside, taken)]
        graph.operators.insert(0, _op(unpacked, "QUANTIZE", graph.inputs[0], inside))
    if given != "int8":
        inside = int(graph.outputs[0])
        graph.outputs = [_beside(graph, inside, given)]
        last = "DEQUANTIZE" if given == "float32" else "QUANTIZE"
        graph.operators.append(_op(unpacked, last, inside, graph.outputs[0]))
    return pack(unpacked)


def _beside(graph: Any, inside: int, kind: str) -> int:
    tensor = copy.deepcopy(graph.tensors[inside])
    tensor.name += b";outside"
    tensor.type = getattr(schema.TensorType, kind.upper())
    tensor.quantization.zeroPoint = [int(tensor.quantization.zeroPoint[0]) + _BIAS]
    if kind == "float32":
        tensor.quantization = None
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _op(model: Any, name: str, source: int, target: int) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex = operator_code(model, name, 1)
    operator.inputs, operator.outputs = [source], [target]
    return operator
