"""Models that take or give float32 or uint8 at their ends, and the int8 model between those.

Converters put a QUANTIZE before an int8 model and a DEQUANTIZE (to uint8 another QUANTIZE) behind
it unless told otherwise. Both only say how real values are stored, so they need not be part of an
inference: boards, links and comparisons see the int8 part, and generated C offers the conversions
beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from edgekit.tflite import flatfile
from edgekit.tflite.rewriting import pack, unpack

_TYPES = {
    schema.TensorType.INT8: "int8",
    schema.TensorType.UINT8: "uint8",
    schema.TensorType.FLOAT32: "float32",
}
_BIAS = 128
"""A uint8 stands for what the int8 less 128 does."""


@dataclass(frozen=True, slots=True)
class Int8Part:
    """The .tflite between a model's conversions, and the element types that the whole has."""

    data: bytes
    input: str
    output: str


def int8_part(data: bytes, name: str) -> Int8Part:
    """A model without a QUANTIZE of its float32 or uint8 input alone, and without the DEQUANTIZE or
    QUANTIZE that alone makes its output; the same bytes when it has neither.

    The int8 part computes the same: inputs quantized as QUANTIZE does it give the bytes that
    DEQUANTIZE gets. uint8 ends are taken off when they are 128 apart from int8, at the same scale.
    Raises `ModelError` for what is no .tflite file.
    """
    if not _converts(data, name):
        return Int8Part(data, "int8", "int8")
    model = unpack(data, name)
    with flatfile.corruption_named(name):
        (graph,) = model.subgraphs
        taken = _without_first(model, graph)
        given = _without_last(model, graph)
        model.signatureDefs = []  # they name tensors that are no ends any more
        changed = (taken, given) != ("int8", "int8")
    return Int8Part(pack(model) if changed else data, taken, given)


def _converts(data: bytes, name: str) -> bool:
    """Whether it is worth to take the file apart: one input and one output, not both int8."""
    model = flatfile.open_model(data, name)
    with flatfile.corruption_named(name):
        if model.SubgraphsLength() != 1:
            return False
        graph = model.Subgraphs(0)
        tensors = flatfile.tables(graph.TensorsLength, graph.Tensors, "tensors")
        flatfile.tables(graph.OperatorsLength, graph.Operators, "operators")
        flatfile.tables(model.BuffersLength, model.Buffers, "buffers")
        inputs = flatfile.integers(graph.InputsAsNumpy())
        outputs = flatfile.integers(graph.OutputsAsNumpy())
        ends = [tensors[n].Type() for n in (*inputs, *outputs) if 0 <= n < len(tensors)]
    both = len(inputs) == len(outputs) == 1 and len(ends) == 2
    return both and set(ends) != {schema.TensorType.INT8}


def _without_first(model: Any, graph: Any) -> str:
    """Takes off the conversion of the input; the type that the model's input then still stands
    for, int8 when nothing was taken off."""
    source = int(graph.inputs[0])
    reading = [op for op in graph.operators if source in _numbers(op.inputs)]
    if len(reading) != 1 or source in _numbers(graph.outputs):
        return "int8"
    (first,) = reading
    target = int(first.outputs[0])
    outer = _outer(graph, source, target)
    if _op(model, first) != "QUANTIZE" or outer is None:
        return "int8"
    graph.inputs = [target]
    graph.operators.remove(first)
    return outer


def _without_last(model: Any, graph: Any) -> str:
    """As `_without_first`, of the output."""
    target = int(graph.outputs[0])
    making = [op for op in graph.operators if target in _numbers(op.outputs)]
    if len(making) != 1 or any(target in _numbers(op.inputs) for op in graph.operators):
        return "int8"
    (last,) = making
    source = int(last.inputs[0])
    outer = _outer(graph, target, source)
    wanted = {"float32": "DEQUANTIZE", "uint8": "QUANTIZE"}.get(outer or "")
    if outer is None or _op(model, last) != wanted or _constant(model, graph, source):
        return "int8"
    graph.outputs = [source]
    graph.operators.remove(last)
    return outer


def _outer(graph: Any, outside: int, inside: int) -> str | None:
    """The type outside of a conversion that can be taken off; None where none can."""
    outer, inner = graph.tensors[outside], graph.tensors[inside]
    kind = _TYPES.get(outer.type)
    if _TYPES.get(inner.type) != "int8" or list(outer.shape) != list(inner.shape):
        return None
    if kind == "float32":
        return kind
    return kind if kind == "uint8" and _apart(outer, inner) else None


def _apart(outer: Any, inner: Any) -> bool:
    """Whether every uint8 stands for what the int8 128 below it does."""
    (outside, inside) = (_quantization(tensor) for tensor in (outer, inner))
    if outside is None or inside is None:
        return False
    return outside == (inside[0], inside[1] + _BIAS)


def _quantization(tensor: Any) -> tuple[float, int] | None:
    found = tensor.quantization
    if found is None or found.scale is None or len(found.scale) != 1:
        return None
    zero_points = [0] if found.zeroPoint is None else list(found.zeroPoint)
    return (float(found.scale[0]), int(zero_points[0])) if len(zero_points) == 1 else None


def _constant(model: Any, graph: Any, number: int) -> bool:
    return bool(len(model.buffers[graph.tensors[number].buffer].data))


def _numbers(vector: Sequence[int] | None) -> list[int]:
    return [] if vector is None else [int(number) for number in vector]


def _op(model: Any, operator: Any) -> str:
    code = model.operatorCodes[operator.opcodeIndex]
    number = max(code.builtinCode, code.deprecatedBuiltinCode)
    return {schema.BuiltinOperator.QUANTIZE: "QUANTIZE",
            schema.BuiltinOperator.DEQUANTIZE: "DEQUANTIZE"}.get(number, "")  # fmt: skip
