"""A .tflite file as objects that may be changed, and back: for small rewrites of a model."""

from __future__ import annotations

from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from edgekit.tflite import flatfile

_ALIGNMENT = 16  # kernels may load weights by words and vectors, straight from the file


def unpack(data: bytes, name: str) -> Any:
    """The model as a `ModelT`. Raises `ModelError` for bytes that are no .tflite."""
    model = flatfile.open_model(data, name)
    with flatfile.corruption_named(name):
        unpacked = schema.ModelT.InitFromObj(model)
    unpacked.buffers = [
        _Aligned(b"" if buffer.data is None else bytes(buffer.data)) for buffer in unpacked.buffers
    ]
    return unpacked


def pack(model: Any) -> bytes:
    """The bytes of a `ModelT` that `unpack` gave."""
    held = sum(len(buffer.data or b"") for buffer in model.buffers)
    builder = flatbuffers.Builder(held + (1 << 16))  # growing copies all of it, again and again
    builder.Finish(model.Pack(builder), flatfile.IDENTIFIER)
    return bytes(memoryview(builder.Bytes)[builder.Head() :])  # Output() would copy once more


def operator_code(model: Any, op: str, version: int) -> int:
    """The index of an op's code in the model, added when it is not there."""
    number = getattr(schema.BuiltinOperator, op)
    for index, code in enumerate(model.operatorCodes):
        if (code.builtinCode, code.version) == (number, version):
            return index
    code = schema.OperatorCodeT()
    code.builtinCode, code.version = number, version
    code.deprecatedBuiltinCode = min(number, 127)
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def add_buffer(model: Any, data: bytes) -> int:
    """The number of a new buffer with these bytes."""
    model.buffers.append(_Aligned(data))
    return len(model.buffers) - 1


class _Aligned:
    """A buffer whose contents are aligned, which the generated classes forget."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def Pack(self, builder: Any) -> int:  # noqa: N802 - as the generated classes call it
        """Writes the buffer; gives its offset."""
        vector = self._vector(builder) if self.data else 0
        schema.BufferStart(builder)
        if vector:
            schema.BufferAddData(builder, vector)
        return int(schema.BufferEnd(builder))

    def _vector(self, builder: Any) -> int:
        size = len(self.data)
        builder.StartVector(1, size, _ALIGNMENT)
        builder.head -= size
        builder.Bytes[builder.head : builder.head + size] = self.data
        return int(builder.EndVector())
