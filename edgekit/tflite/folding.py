"""Ops of a .tflite that compute the same in every inference, taken out: general constant folding.

Converters leave SHAPE, STRIDED_SLICE and PACK before a RESHAPE where a model was not frozen; other
tools leave TRANSPOSE or RESHAPE behind weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from edgekit.errors import ModelError
from edgekit.tflite import flatfile
from edgekit.tflite.editing import ABSENT, Editor, Op

OPS = frozenset(
    {"SHAPE", "STRIDED_SLICE", "SLICE", "PACK", "UNPACK", "CONCATENATION", "SPLIT", "SPLIT_V",
     "RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "GATHER", "CAST", "ADD", "SUB", "MUL",
     "MAXIMUM", "MINIMUM", "QUANTIZE"}
)  # fmt: skip
"""None whose values TensorFlow Lite, which computes them, rounds otherwise than TensorFlow Lite
Micro; and none that makes much out of little."""
_MOST_VALUES = 1 << 26


def folded(data: bytes, name: str) -> bytes:
    """A model with constants in place of the ops that have only constants to compute from, SHAPE
    among them; the same bytes where there is none.

    The constants are what LiteRT's reference kernels make of them, once, now. Raises `ModelError`
    for what is no .tflite file, and where LiteRT refuses those ops.
    """
    if not _worth_it(data, name):
        return data
    editor = Editor(data, name)
    with flatfile.corruption_named(name):
        chosen = _chosen(editor)
        if not chosen:
            return data
        for op in chosen:
            if op.op == "SHAPE":
                extents = np.array(editor.shape(op.inputs[0]), editor.dtype(op.outputs[0]))
                editor.set_constant(op.outputs[0], extents)
        computed = [op for op in chosen if op.op != "SHAPE"]
        for tensor, values in _values(editor, computed).items():
            editor.set_constant(tensor, values)
        editor.remove_ops(op.index for op in chosen)
        return editor.bytes()


def _worth_it(data: bytes, name: str) -> bool:
    """Whether any op is a SHAPE, or has nothing but constants to read: asked of every model."""
    model = flatfile.open_model(data, name)
    with flatfile.corruption_named(name):
        if model.SubgraphsLength() != 1:
            return False
        graph = model.Subgraphs(0)
        tensors = flatfile.tables(graph.TensorsLength, graph.Tensors, "tensors")
        buffers = flatfile.tables(model.BuffersLength, model.Buffers, "buffers")
        codes = flatfile.tables(model.OperatorCodesLength, model.OperatorCodes, "operator codes")
        held = [bool(flatfile.buffer_bytes(data, buffer)) for buffer in buffers]
        constant = [t.Buffer() < len(held) and held[t.Buffer()] for t in tensors]
        return any(
            _is_foldable(op, codes, constant)
            for op in flatfile.tables(graph.OperatorsLength, graph.Operators, "operators")
        )


def _is_foldable(operator: Any, codes: list[Any], constant: list[bool]) -> bool:
    if operator.OpcodeIndex() >= len(codes):
        return False
    if codes[operator.OpcodeIndex()].BuiltinCode() == schema.BuiltinOperator.SHAPE:
        return True
    inputs = [n for n in flatfile.integers(operator.InputsAsNumpy()) if n != ABSENT]
    return bool(inputs) and all(0 <= n < len(constant) and constant[n] for n in inputs)


def _chosen(editor: Editor) -> list[Op]:
    """The ops whose results are known now, in order."""
    known: set[int] = set()
    found = []
    for op in editor.ops():
        if op.op not in OPS or not set(op.outputs).isdisjoint(editor.outputs):
            continue
        inputs = [n for n in op.inputs if n != ABSENT]
        constant = [n in known or editor.constant(n) is not None for n in inputs]
        if op.op == "SHAPE" or (inputs and all(constant) and not _is_large(editor, inputs)):
            known.update(op.outputs)
            found.append(op)
    return found


def _is_large(editor: Editor, inputs: Sequence[int]) -> bool:
    """Whether an op may make something out of all proportion: none of `OPS` makes more values
    than all its inputs' counts multiplied."""
    return math.prod(max(1, math.prod(editor.shape(n))) for n in inputs) > _MOST_VALUES


def _values(editor: Editor, ops: list[Op]) -> dict[int, npt.NDArray[Any]]:
    """The outputs of some ops, by tensor number, from a model of these ops alone."""
    if not ops:
        return {}
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    outputs = [number for op in ops for number in op.outputs]
    alone = editor.only((op.index for op in ops), outputs).bytes()
    try:
        interpreter = Interpreter(
            model_content=alone, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
        )
        interpreter.allocate_tensors()
        interpreter.invoke()
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"{editor.name}: LiteRT cannot compute {', '.join(sorted({op.op for op in ops}))} "
            f"of constants: {str(error).strip()[:200]}"
        ) from None
    return {number: interpreter.get_tensor(number).copy() for number in outputs}
