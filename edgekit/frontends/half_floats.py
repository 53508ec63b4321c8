"""Weights in float16, as converters store them to halve a float model's file."""

from __future__ import annotations

import numpy as np

from edgekit.tflite.editing import Editor


def with_whole_floats(data: bytes, name: str) -> bytes:
    """A float `.tflite` with constants in float32 for those in float16 with a DEQUANTIZE behind.

    The same answer. Raises `ModelError` for a damaged file.
    """
    editor = Editor(data, name)
    widened = []
    for op in editor.ops():
        half = editor.constant(op.inputs[0]) if op.op == "DEQUANTIZE" else None
        if half is not None and half.dtype == np.float16:
            editor.set_constant(op.outputs[0], half.astype(np.float32))
            widened.append(op.index)
    editor.remove_ops(widened)
    return editor.bytes() if widened else data
