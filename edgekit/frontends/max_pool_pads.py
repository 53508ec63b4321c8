"""Padded max pooling as PyTorch has it: minus infinity around the image, which int8 has not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edgekit.tflite.editing import Editor, Op

_MINUS_INFINITY = np.float32(-np.inf).tobytes()
_NEVER_NEGATIVE = (
    schema.ActivationFunctionType.RELU,
    schema.ActivationFunctionType.RELU6,
)


def with_finite_pads(data: bytes, name: str) -> bytes:
    """A float `.tflite` whose max poolings behind a ReLU are padded with 0 for minus infinity.

    The same answer: a window touches a pixel at least, and no pixel is less than 0. Others stay as
    they are. Raises `ModelError` for a damaged file.
    """
    if _MINUS_INFINITY not in data:
        return data
    editor = Editor(data, name)
    ops = tuple(editor.ops())
    found = {op.inputs[2] for op in ops if _pads_with_minus_infinity(editor, op)}
    changed = [number for number in found if _may_be_zero(ops, number)]
    for number in changed:
        editor.set_constant(number, np.zeros(editor.shape(number), np.float32))
    return editor.bytes() if changed else data


def _pads_with_minus_infinity(editor: Editor, op: Op) -> bool:
    value = editor.constant(op.inputs[2]) if op.op == "PADV2" else None
    return value is not None and bool(np.isneginf(value).all())


def _may_be_zero(ops: Sequence[Op], value: int) -> bool:
    """Whether all that read a constant pad what is never negative, for max poolings alone."""
    made = {number: op for op in ops for number in op.outputs}
    readers = [op for op in ops if value in op.inputs]
    return all(
        op.op == "PADV2" and _never_negative(made.get(op.inputs[0])) and _pooled(ops, op)
        for op in readers
    )


def _never_negative(maker: Op | None) -> bool:
    if maker is None:
        return False
    fused = getattr(maker.options, "fusedActivationFunction", None)
    return maker.op in ("RELU", "RELU6") or fused in _NEVER_NEGATIVE


def _pooled(ops: Sequence[Op], pad: Op) -> bool:
    following = [op for op in ops if pad.outputs[0] in op.inputs]
    return bool(following) and all(op.op == "MAX_POOL_2D" for op in following)
