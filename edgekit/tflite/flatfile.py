"""A .tflite file's tables, read so that no bytes can crash, hang or exhaust the reader.

The flatbuffer classes check nothing: an offset may point anywhere, a vector may claim 2**32
elements, and many tables may share one. Here every count is held against a limit before anything
is read, and what the classes raise on a bad offset becomes one `ModelError`.
"""

from __future__ import annotations

import struct
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from edgekit.errors import ModelError

IDENTIFIER = b"TFL3"
_LIMITS = {"operators": 16_384, "tensors": 65_536, "buffers": 65_536, "operator codes": 4_096}
_MAX_RANK = 8
_MAX_OPERANDS = 1_024
_MAX_NAME = 16_384
_MAX_SHOWN = 1_000
_MOST_SAID = 160
_OP_NAMES: dict[int, str] = {
    number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)
}


@contextmanager
def corruption_named(name: str) -> Iterator[None]:
    """Turns what the flatbuffer classes raise on bad bytes into a `ModelError`."""
    try:
        yield
    except (struct.error, ValueError, TypeError, IndexError, OverflowError) as error:
        raise ModelError(
            f"{name} is corrupt: its tables point outside the file or hold impossible values "
            f"({textwrap.shorten(str(error), _MOST_SAID)})",
            hint="Convert or download the model again.",
        ) from None


def open_model(data: bytes, name: str) -> Any:
    """The root table. Raises `ModelError` for what is no .tflite file, before reading further."""
    if len(data) < 8 or data[4:8] != IDENTIFIER:
        raise ModelError(
            f"{name} is not a .tflite file: {len(data)} bytes without the identifier TFL3",
            hint="Give the file that the TensorFlow Lite converter wrote.",
        )
    with corruption_named(name):
        model = schema.Model.GetRootAsModel(data, 0)
        if model.Version() != 3:
            raise ValueError(f"schema version {model.Version()}, not 3")
    return model


def tables(count: Callable[[], int], get: Callable[[int], Any], kind: str) -> list[Any]:
    """The tables of a vector, none of them null. Raises `ValueError` for an absurd count."""
    number = count()
    if number > _LIMITS[kind]:
        raise ValueError(f"{number} {kind}, more than {_LIMITS[kind]}")
    return [get(index) for index in range(number)]


def integers(vector: Any, most: int = _MAX_OPERANDS) -> tuple[int, ...]:
    """A vector of integers as a tuple; the classes give 0 for one that is absent."""
    found = np.atleast_1d(vector)[:0] if isinstance(vector, int) else vector
    if len(found) > most:
        raise ValueError(f"a list of {len(found)}, more than {most}")
    return tuple(int(value) for value in found)


def shape_of(tensor: Any) -> tuple[int, ...]:
    """A tensor's shape; it cannot hold more than 2**31 - 1 elements."""
    shape = integers(tensor.ShapeAsNumpy(), _MAX_RANK)
    elements = 1
    for extent in shape:
        elements *= max(extent, 1)
    if elements >= 1 << 31:
        raise ValueError(f"a tensor of shape {list(shape)}")
    return shape


def name_of(tensor: Any, number: int) -> str:
    """A tensor's name, shortened, in printable ASCII; ``tensor 7`` when it has none."""
    raw = tensor.Name() or b""
    if len(raw) > _MAX_NAME:
        raise ValueError(f"a name of {len(raw)} bytes")
    text = "".join(c if " " <= c <= "~" else "?" for c in raw.decode(errors="replace"))
    return text[:_MAX_SHOWN] or f"tensor {number}"


def op_name(code: Any) -> str:
    """TFLite's name of an operator code: CONV_2D; ``CUSTOM 'name'`` for one of somebody's own."""
    return op_name_of(code.BuiltinCode(), code.DeprecatedBuiltinCode(), code.CustomCode())


def op_name_of(number: int, deprecated: int, custom: bytes | None) -> str:
    """The same from a code's fields."""
    # Codes above 126 do not fit the deprecated field; older files have only that.
    number = max(number, deprecated)
    if number == schema.BuiltinOperator.CUSTOM:
        shown = (custom or b"")[:40].decode("ascii", errors="replace")
        return f"CUSTOM {shown!r}"
    return _OP_NAMES.get(number, f"op {number}")


def buffer_bytes(data: bytes, buffer: Any) -> memoryview | None:
    """A buffer's contents, in the flatbuffer or behind it in the file; None when it is empty."""
    start, size = buffer.Offset(), buffer.Size()
    if start > 1:
        if start + size > len(data):
            raise ValueError(f"a buffer at {start}..{start + size} of {len(data)} bytes")
        return memoryview(data)[start : start + size]
    found: npt.NDArray[np.uint8] | int = buffer.DataAsNumpy()
    return None if isinstance(found, int) or not len(found) else found.data
