"""Ahead-of-time C: one model.c with every constant in it, the kernels that it calls, a header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from edgekit import artifacts, paths
from edgekit.artifacts import CompiledModel, PlannedTensor, Step, TensorSpec
from edgekit.codegen import c_text, model_text
from edgekit.codegen.conversions import conversions
from edgekit.codegen.fallbacks import portable_layers, slow_layers
from edgekit.codegen.optimizing import Optimized, optimized
from edgekit.ir import Graph
from edgekit.ops import operators
from edgekit.planner import Plan
from edgekit.tflite import read_graph
from edgekit.tflite.ends import int8_part
from edgekit.tflite.metadata import preprocessing_of

_INCLUDE = re.compile(r'^#include "(ek_\w+\.h)"', re.MULTILINE)
_ALWAYS = ("ek_model.h", "ek_compiler.h")


def generate(
    model: bytes, name: str, out: Path, *, kernels: str = "", ram_bytes: int | None = None
) -> CompiledModel:
    """Writes model.c, <name>.h, the kernel headers that it needs and model.json into `out`.

    `name` is the model's, and becomes the prefix of its C functions. `kernels` is a family of cores
    (`edgekit.ops.variants`); without it the C runs everywhere. Where the arena would be larger
    than `ram_bytes`, operations run row by row together; it is as small as it can be when that is
    not enough. Nothing is written unless the whole model can be compiled. The same arguments give
    the same files.

    Raises `ModelError` for a corrupt model, `UnsupportedModelError` for one that cannot be
    compiled, and `InputError` when `out` cannot be written.
    """
    name = c_text.identifier(name)
    part = int8_part(model, name)
    read = replace(read_graph(part.data, name), kernels=kernels)
    found = optimized(read, ram_bytes)
    graph, planned = found.graph, found.planned
    outer = conversions(graph, part, name)
    headers = _with_includes([*_ALWAYS, *model_text.kernel_headers(planned, outer)])
    compiled = msgspec.structs.replace(
        _compiled(found, artifacts.sha256(model), ["model.c", f"{name}.h", *headers]),
        macs=sum(operators()[op.op].macs(read, op) for op in read.operations),
        preprocessing=preprocessing_of(model, name),
        file_input=part.input,
        file_output=part.output,
    )
    artifacts.write_text(out / "model.c", model_text.source(graph, planned, compiled, outer))
    artifacts.write_text(out / f"{name}.h", model_text.header(graph, planned, compiled, outer))
    for header in headers:
        artifacts.write_bytes(out / header, (paths.kernels_folder() / header).read_bytes())
    artifacts.save(compiled, out / "model.json")
    return compiled


def _with_includes(headers: Iterable[str]) -> list[str]:
    """The headers and all that they include, sorted."""
    found: set[str] = set()
    waiting = list(headers)
    while waiting:
        header = waiting.pop()
        if header not in found:
            found.add(header)
            waiting += _INCLUDE.findall((paths.kernels_folder() / header).read_text())
    return sorted(found)


def _compiled(found: Optimized, sha256: str, sources: Sequence[str]) -> CompiledModel:
    graph, planned = found.graph, found.planned
    steps = _steps(graph, planned)
    return CompiledModel(
        name=graph.name,
        runtime="edgekit",
        model_sha256=sha256,
        input=_spec(graph, graph.inputs[0]),
        output=_spec(graph, graph.outputs[0]),
        macs=sum(step.macs for step in steps),
        arena_bytes=planned.arena_bytes,
        arena_lower_bound_bytes=planned.lower_bound_bytes,
        weights_bytes=_constant_bytes(planned),
        steps=steps,
        plan=_planned_tensors(graph, planned),
        sources=tuple(sources),
        passes=found.effects,
        kernels=graph.kernels,
        slow=tuple(slow_layers(graph, planned)),
        portable=tuple(portable_layers(graph, planned)),
    )


def _steps(graph: Graph, planned: Plan) -> tuple[Step, ...]:
    found = []
    for step in planned.steps:
        output = graph.tensor(step.operation.outputs[0])
        found.append(
            Step(
                index=step.index,
                op=step.op,
                name=output.name,
                macs=sum(operators()[found.op].macs(graph, found) for found in step.operations),
                output_shape=output.unbatched,
                output_bytes=output.bytes,
                kernels=tuple(call.function for _, calls in step.lowered for call in calls),
            )
        )
    return tuple(found)


def _spec(graph: Graph, number: int) -> TensorSpec:
    tensor = graph.tensor(number)
    assert tensor.quantization is not None
    return TensorSpec(
        name=tensor.name,
        shape=tensor.unbatched,
        dtype=tensor.dtype.value,
        scale=tensor.quantization.scale,
        zero_point=tensor.quantization.zero_point,
    )


def _constant_bytes(planned: Plan) -> int:
    """What lies in flash: weights, biases, multipliers, shifts and tables."""
    return sum(found.values.nbytes for step in planned.steps for found in step.constants)


def _planned_tensors(graph: Graph, planned: Plan) -> tuple[PlannedTensor, ...]:
    return tuple(
        PlannedTensor(
            name=model_text.block_name(graph, found.block.tensors, found.block.first),
            offset=found.offset,
            bytes=size,
            first_step=first,
            last_step=last,
        )
        for found in planned.placements
        for first, last, size in found.block.stages
    )
