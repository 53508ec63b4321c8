"""The text of model.c and its header, from a graph, its plan and what is recorded of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from edgekit import __version__
from edgekit.artifacts import CompiledModel, Step, TensorSpec
from edgekit.codegen import c_text
from edgekit.codegen.conversions import Conversion
from edgekit.codegen.rendering import template
from edgekit.codegen.rolled_text import RolledText
from edgekit.ir import Graph, short_name
from edgekit.ops import Argument, Constant, KernelCall, TensorPointer
from edgekit.planner import Placement, Plan
from edgekit.planner.steps import ScheduledStep

_MAX_RANK = 4  # EK_MAX_RANK of ek_model.h


def source(
    graph: Graph, planned: Plan, compiled: CompiledModel, outer: Sequence[Conversion] = ()
) -> str:
    """model.c; `outer` converts between its ends and those of the model's file."""
    names = _symbols(graph, planned)
    return template("model.c.j2").render(
        **_common(compiled, names, graph, outer),
        headers=kernel_headers(planned, outer),
        lower_bound=compiled.arena_lower_bound_bytes,
        peak_step=planned.peak_step,
        weights_bytes=compiled.weights_bytes,
        macs=compiled.macs,
        kernels=f"kernels for {compiled.kernels}" if compiled.kernels else "portable kernels",
        tensors=_tensor_map(graph, planned, names),
        steps=[_step(step, compiled, names) for step in planned.steps],
        sha256_rows=_sha256_rows(compiled.model_sha256),
    )


def header(
    graph: Graph, planned: Plan, compiled: CompiledModel, outer: Sequence[Conversion] = ()
) -> str:
    """<name>.h"""
    names = _symbols(graph, planned)
    return template("model.h.j2").render(**_common(compiled, names, graph, outer))


def kernel_headers(planned: Plan, outer: Sequence[Conversion] = ()) -> list[str]:
    """The headers of the kernels that the steps and the conversions call, sorted."""
    stepping = {header for step in planned.steps for header in step.headers}
    if any(
        call.shares > 1 for step in planned.steps for _, calls in step.lowered for call in calls
    ):
        stepping.add("ek_cores.h")
    if any(step.rolling for step in planned.steps):
        stepping.add("ek_rows.h")
    return sorted(stepping | {found.call.header for found in outer})


def block_name(graph: Graph, tensors: tuple[int, ...], step: int) -> str:
    """What lies in a block of the arena, for people."""
    return graph.tensor(tensors[0]).name if tensors else f"scratch of step {step}"


def _common(
    compiled: CompiledModel, names: dict[int, str], graph: Graph, outer: Sequence[Conversion]
) -> dict[str, Any]:
    ends = names[graph.inputs[0]], names[graph.outputs[0]]
    return {
        "version": __version__,
        "name": compiled.name,
        "guard": compiled.name.upper(),
        "sha256": compiled.model_sha256,
        "arena_bytes": compiled.arena_bytes,
        "input": _end(compiled.input, names[graph.inputs[0]]),
        "output": _end(compiled.output, names[graph.outputs[0]]),
        "pixels": c_text.pixels(compiled),
        "conversions": [_conversion(found, *ends) for found in outer],
    }


def _conversion(found: Conversion, taken: str, given: str) -> dict[str, Any]:
    return {
        "prototype": found.prototype,
        "about": found.about,
        "call": {
            "kernel": found.call.function,
            "parameters": _parameter_lines(found.call),
            "arguments": found.arguments(taken if found.inward else given),
            "share": None,
        },
    }


def _end(spec: TensorSpec, symbol: str) -> dict[str, Any]:
    """The model's input or output, for both files."""
    # Leading extents are joined where there are more than the firmware's table has room for.
    extents = list(spec.shape)
    while len(extents) > _MAX_RANK:
        extents[:2] = [extents[0] * extents[1]]
    padded = ", ".join(map(str, extents + [0] * (_MAX_RANK - len(extents))))
    scale = c_text.float_literal(spec.scale)
    return {
        "symbol": symbol,
        "bytes": spec.elements,
        "info": f"{spec.elements}, {{{padded}}}, {scale}, {spec.zero_point}",
        "about": f"{c_text.shape(spec.shape)} int8, real = {spec.scale:.9g} * "
        f"(value {'+' if spec.zero_point <= 0 else '-'} {abs(spec.zero_point)})",
    }


def _symbols(graph: Graph, planned: Plan) -> dict[int, str]:
    """The C name of each tensor in the arena; an alias has its source's."""
    names = dict.fromkeys(graph.inputs, "T_INPUT")
    for step in planned.steps:
        for place, number in enumerate(step.operation.outputs):
            suffix = f"_{place}" if place else ""
            names[number] = f"T_{step.index}_{step.op}{suffix}"
    for found in planned.placements:
        known = {
            found.block.start(number): names[number]
            for number in found.block.tensors[::-1]
            if number in names
        }
        for number in found.block.tensors:
            start = found.block.start(number)
            names.setdefault(number, known.setdefault(start, f"T_PART_{number}"))
    return names


def _tensor_map(graph: Graph, planned: Plan, names: dict[int, str]) -> list[str]:
    """One line per C name; shapes that share a name stand in one line."""
    lines = []
    for found in planned.placements:
        shapes: dict[tuple[str, int], list[str]] = {}
        for number in found.block.tensors:
            text = c_text.shape(graph.tensor(number).unbatched)
            symbol = names[number], found.block.start(number)
            shapes.setdefault(symbol, []).append(text)
        if not found.block.tensors:
            symbol = _scratch_symbol(found.block.first, found.block.scratch), 0
            shapes[symbol] = [c_text.shape((found.block.bytes,))]
        lines += [_map_line(*symbol, found, texts) for symbol, texts in shapes.items()]
    return lines


def _map_line(symbol: str, start: int, found: Placement, shapes: list[str]) -> str:
    alive = f"{found.block.first}..{found.block.last}"
    place = f"(arena + {found.offset + start:>7})"
    return f"#define {symbol:<28} {place}  /* {', '.join(shapes):<16} {alive} */"


def _scratch_symbol(step: int, order: int) -> str:
    return f"T_{step}_SCRATCH_{order}"


def _step(step: ScheduledStep, compiled: CompiledModel, names: dict[int, str]) -> dict[str, Any]:
    recorded = compiled.steps[step.index]
    inputs = [names[number] for number in step.inputs if number in names]
    outputs = [names[number] for number in step.operation.outputs]
    return {
        "index": step.index,
        "op": step.op,
        "name": short_name(recorded.name),
        "macs": recorded.macs,
        "function": f"step_{step.index}_{step.op.lower()}",
        "inputs": ", ".join(inputs),
        "outputs": ", ".join(outputs),
        "output": outputs[0],
        "output_bytes": recorded.output_bytes,
        **_pieces(step, recorded),
        "constants": [_constant(step, found) for found in step.constants],
        "calls": _calls(step, names),
        "rolled": _rolled(step, names),
    }


def _rolled(step: ScheduledStep, names: dict[int, str]) -> dict[str, Any] | None:
    if step.rolling is None:
        return None
    return RolledText(step, names, _scratch_symbol, _parameter_lines).context()


def _pieces(step: ScheduledStep, recorded: Step) -> dict[str, int]:
    """How the output lies in memory: pixels, where others' values lie between them."""
    stride = getattr(step.operation.attributes, "out_stride", 0)
    pixel = recorded.output_shape[-1] if stride else 0
    return {"piece_bytes": pixel, "piece_stride": stride}


def _constant_symbol(step: ScheduledStep, role: str) -> str:
    return f"s{step.index}_{role}"


def _constant(step: ScheduledStep, found: Constant) -> dict[str, Any]:
    return {
        "type": c_text.array_type(found.values),
        "name": _constant_symbol(step, found.role),
        "count": found.values.size,
        "rows": c_text.rows(found.values),
    }


def _calls(step: ScheduledStep, names: dict[int, str]) -> list[dict[str, Any]]:
    scratches = itertools.count()

    def argument_text(argument: Argument) -> str:
        if isinstance(argument, TensorPointer):
            return names[argument.tensor]
        if isinstance(argument, Constant):
            return _constant_symbol(step, argument.role)
        return "0" if argument is None else _scratch_symbol(step.index, next(scratches))

    return [
        {
            "kernel": call.function,
            "parameters": _parameter_lines(call),
            "arguments": ", ".join(texts),
            "share": f"s{step.index}_share_{order}" if call.shares > 1 else None,
            "pointers": texts,
        }
        for order, call in enumerate(step.calls)
        for texts in [[*map(argument_text, call.arguments)]]
    ]


def _parameter_lines(call: KernelCall, width: int = 84) -> list[str]:
    """``.in_h = 96, .in_w = 96,`` in lines that fit the page."""
    texts = {key: c_text.integer_literal(int(value)) for key, value in call.parameters.items()}
    texts |= {key: c_text.float_literal(value) for key, value in call.reals.items()}
    lines = [""]
    for key, value in texts.items():
        text = f".{key} = {value},"
        if lines[-1] and len(lines[-1]) + len(text) >= width:
            lines.append("")
        lines[-1] += f" {text}" if lines[-1] else text
    return lines


def _sha256_rows(digest: str) -> list[str]:
    octets = [f"0x{octet:02x}" for octet in bytes.fromhex(digest)]
    return [", ".join(octets[start : start + 16]) + "," for start in (0, 16)]
