"""Models that take or give float32 or uint8 at their ends, and the int8 model between those.

Converters put a QUANTIZE before an int8 model and a DEQUANTIZE (to uint8 another QUANTIZE) behind
it unless told otherwise. Both only say how real values are stored, so they need not be part of an
inference: boards, links and comparisons see the int8 part, and generated C offers the conversions
beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

from edgekit.tflite import flatfile
from edgekit.tflite.editing import Editor, Op

_BIAS = 128
"""A uint8 stands for what the int8 less 128 does."""


@dataclass(frozen=True, slots=True)
class Int8Part:
    """The .tflite between a model's conversions, and the element types that the whole has."""

    data: bytes
    input: str
    output: str


def int8_part(data: bytes, name: str) -> Int8Part:
    """A model without a first QUANTIZE of its float32 or uint8 input, and without a last DEQUANTIZE
    or QUANTIZE to uint8; the same bytes when it has neither.

    The int8 part computes the same: inputs quantized as QUANTIZE does it give the bytes that
    DEQUANTIZE gets. uint8 ends are taken off when they are 128 apart from int8, at the same scale.
    Raises `ModelError` for what is no .tflite file.
    """
    if not _converts(data, name):
        return Int8Part(data, "int8", "int8")
    editor = Editor(data, name)
    with flatfile.corruption_named(name):
        ops = tuple(editor.ops())
        taken, given = _taken(editor, ops), _given(editor, ops)
        start, stop = int(taken != "int8"), len(ops) - (given != "int8")
        if not 0 < stop - start < len(ops):  # nothing to take off, or nothing else there
            return Int8Part(data, "int8", "int8")
        outputs = editor.outputs if given == "int8" else ops[-1].inputs
        return Int8Part(editor.part(start, stop, outputs).bytes(), taken, given)


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


def _taken(editor: Editor, ops: tuple[Op, ...]) -> str:
    """The type outside of the conversion that a model begins with; int8 when there is none."""
    (source,) = editor.inputs
    first = ops[0] if len(ops) > 1 else None
    if first is None or first.op != "QUANTIZE" or first.inputs != editor.inputs:
        return "int8"
    if any(source in op.inputs for op in ops[1:]) or source in editor.outputs:
        return "int8"
    return _outer(editor, source, first.outputs[0])


def _given(editor: Editor, ops: tuple[Op, ...]) -> str:
    """As `_taken`, of the conversion that a model ends with."""
    last = ops[-1] if len(ops) > 1 else None
    if last is None or last.outputs != editor.outputs or len(last.inputs) != 1:
        return "int8"
    outer = _outer(editor, last.outputs[0], last.inputs[0])
    made = any(last.inputs[0] in op.outputs for op in ops)
    return outer if made and last.op == _LAST.get(outer) else "int8"


_LAST = {"float32": "DEQUANTIZE", "uint8": "QUANTIZE"}


def _outer(editor: Editor, outside: int, inside: int) -> str:
    """The type outside of a conversion that can be taken off; int8 where none can."""
    outer, inner = editor.dtype(outside).name, editor.dtype(inside).name
    if inner != "int8" or editor.shape(outside) != editor.shape(inside):
        return "int8"
    if outer == "float32" or (outer == "uint8" and _apart(editor, outside, inside)):
        return outer
    return "int8"


def _apart(editor: Editor, outside: int, inside: int) -> bool:
    """Whether every uint8 stands for what the int8 128 below it does."""
    outer, inner = editor.quantization(outside), editor.quantization(inside)
    if outer is None or inner is None or outer.per_channel or inner.per_channel:
        return False
    return (outer.scale, outer.zero_point) == (inner.scale, inner.zero_point + _BIAS)
