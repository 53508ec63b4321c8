"""What edgekit notes in a .tflite file itself, so that it goes wherever the model goes.

The format has room for named buffers that interpreters pass over (`Model.metadata`); the one named
`edgekit.preprocessing` says, in JSON, how a pixel becomes the model's input.
"""

from __future__ import annotations

from typing import Any

import msgspec
from ai_edge_litert import schema_py_generated as schema

from edgekit.artifacts import Preprocessing
from edgekit.errors import ModelError
from edgekit.tflite import flatfile, rewriting

_NAME = "edgekit.preprocessing"
_MOST_NOTES = 64


def with_preprocessing(data: bytes, name: str, preprocessing: Preprocessing) -> bytes:
    """The model with its preprocessing noted. Raises `ModelError` for what is no .tflite."""
    model = rewriting.unpack(data, name)
    note = schema.MetadataT()
    note.name = _NAME
    note.buffer = rewriting.add_buffer(model, msgspec.json.encode(preprocessing))
    model.metadata = [*(other for other in model.metadata or () if not _ours(other)), note]
    return rewriting.pack(model)


def preprocessing_of(data: bytes, name: str) -> Preprocessing | None:
    """The noted preprocessing; None when another tool made the model.

    Raises `ModelError` for what is no .tflite, and for a note that cannot be read.
    """
    note = _note(data, name)
    if note is None:
        return None
    try:
        return msgspec.json.decode(note, type=Preprocessing)
    except msgspec.MsgspecError as error:
        raise ModelError(
            f"{name} has a note on its preprocessing that cannot be read: {error}",
            hint="Quantize the model again with this edgekit.",
        ) from None


def _ours(note: Any) -> bool:
    return note.name in (_NAME, _NAME.encode())


def _note(data: bytes, name: str) -> bytes | None:
    """The note's bytes, read from the file's tables: the file may be anybody's."""
    model = flatfile.open_model(data, name)
    with flatfile.corruption_named(name):
        for index in range(min(model.MetadataLength(), _MOST_NOTES)):
            note = model.Metadata(index)
            if note.Name() == _NAME.encode() and note.Buffer() < model.BuffersLength():
                found = model.Buffers(note.Buffer())
                return bytes(found.DataAsNumpy()) if found.DataLength() else b""
    return None
