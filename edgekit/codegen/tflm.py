"""C++ for TensorFlow Lite Micro: the model as an array, its op resolver, the size of its arena."""

from __future__ import annotations

from pathlib import Path

import msgspec

from edgekit import __version__, artifacts
from edgekit.artifacts import CompiledModel, TensorSpec
from edgekit.codegen import c_text, op_resolver
from edgekit.codegen.rendering import template
from edgekit.runtimes import tflm
from edgekit.tflite.ends import int8_part
from edgekit.tflite.metadata import preprocessing_of
from edgekit.tflite.outline import Outline, outline

_SOURCES = ("model_data.h", "model_data.cc", "model_ops.h")
_BYTES_PER_ROW = 16


def generate(model: bytes, name: str, out: Path) -> CompiledModel:
    """Writes model_data.h, model_data.cc, model_ops.h and model.json into `out`.

    The arena's size is what the real interpreter needs on this machine. `name` is the model's,
    and becomes the prefix of its C names. Nothing is written unless the interpreter runs the
    model. The same bytes and name give the same files.

    Raises `ModelError` for a corrupt model or one that TensorFlow Lite Micro refuses,
    `UnsupportedModelError` for custom ops, `MissingToolError` without the tflite-micro wheel, and
    `InputError` when `out` cannot be written.
    """
    name = c_text.identifier(name)
    part = int8_part(model, name)
    found = outline(part.data, name)
    op_resolver.adders(found.ops)
    compiled = msgspec.structs.replace(
        _compiled(part.data, name, found, tflm.arena_bytes(part.data)),
        model_sha256=artifacts.sha256(model),
        file_input=part.input,
        file_output=part.output,
    )
    for source in _SOURCES:
        artifacts.write_text(out / source, _text(source, part.data, found, compiled))
    artifacts.save(compiled, out / "model.json")
    return compiled


def _compiled(model: bytes, name: str, found: Outline, arena_bytes: int) -> CompiledModel:
    """The arena is measured, and no smaller one works; the interpreter plans it by itself."""
    return CompiledModel(
        name=name,
        runtime="tflm",
        model_sha256=artifacts.sha256(model),
        input=found.input,
        output=found.output,
        macs=sum(step.macs for step in found.steps),
        arena_bytes=arena_bytes,
        arena_lower_bound_bytes=arena_bytes,
        weights_bytes=len(model),
        steps=found.steps,
        plan=(),
        sources=_SOURCES,
        preprocessing=preprocessing_of(model, name),
    )


def _text(source: str, model: bytes, found: Outline, compiled: CompiledModel) -> str:
    return template(f"{source}.j2").render(
        version=__version__,
        name=compiled.name,
        guard=compiled.name.upper(),
        type=_type_name(compiled.name),
        sha256=compiled.model_sha256,
        input=_about(compiled.input, compiled.file_input),
        output=_about(compiled.output, compiled.file_output),
        pixels=c_text.pixels(compiled),
        model_bytes=len(model),
        arena_bytes=compiled.arena_bytes,
        adders=op_resolver.adders(found.ops),
        rows=_rows(model),
    )


def _type_name(name: str) -> str:
    """``person_v2`` as a C++ type: ``PersonV2``."""
    return "".join(part.capitalize() for part in name.split("_"))


def _about(spec: TensorSpec, outer: str) -> str:
    scale = c_text.float_literal(spec.scale).removesuffix("f")
    text = f"{c_text.shape(spec.shape)} int8, scale {scale}, zero point {spec.zero_point}"
    return text if outer == "int8" else f"{text}; {outer} in the file, its conversion is left out"


def _rows(model: bytes) -> list[str]:
    """The file's bytes as C, in lines that fit the page."""
    return [
        " ".join(f"0x{byte:02x}," for byte in model[start : start + _BYTES_PER_ROW])
        for start in range(0, len(model), _BYTES_PER_ROW)
    ]
