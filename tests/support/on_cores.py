"""Kernel calls on a core: many of them as the steps of one firmware, checked by their checksums.

Each kernel is compiled once, with its parameters in memory, so that hundreds of calls cost little.
Constants and inputs lie in flash; a step copies its input into the arena, at a multiple of four,
runs the kernel there, and the firmware sums up what came out, and what lies behind that, in which
nothing may have changed.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

from edgekit import boards, emulate
from edgekit.artifacts import CompiledModel, Step, TensorSpec, sha256
from edgekit.build import firmware
from edgekit.build.toolchain import Compiler
from edgekit.codegen import c_text
from edgekit.link import open_link
from edgekit.link.client import Client
from edgekit.ops import Constant, KernelCall, Scratch
from edgekit.tflite import read_graph
from support.convolutions import images_for
from support.kernels import call_of
from support.oracle import tflm_outputs

Int8 = npt.NDArray[np.int8]
_SHA256 = sha256(b"cases")
_BOUND = 16
_GUARD = bytes([0x55]) * 16

_TAIL = """
static int8_t arena[{arena}] EK_ALIGN(16);
static void run_step(uint32_t step)
{{
    switch (step) {{
{cases}
    default: break;
    }}
}}
static const ek_step_info_t steps[{count}] = {{
{infos}
}};
const ek_model_t ek_model_active = {{
    .name = "cases", .sha256 = {{{sha}}},
    .input = {{4, {{4, 0, 0, 0}}, 1.0f, 0}}, .output = {{4, {{4, 0, 0, 0}}, 1.0f, 0}},
    .input_data = arena, .output_data = arena, .arena_bytes = {arena},
    .step_count = {count}, .steps = steps, .run_step = run_step,
}};
"""


@dataclass(frozen=True)
class Case:
    """A call that reads one tensor and writes one, its input, and what must come out."""

    call: KernelCall
    x: Int8
    wanted: Int8


def drawn(strategy: SearchStrategy[bytes], count: int) -> list[bytes]:
    """Models of a strategy, the same ones each time."""
    found: list[bytes] = []

    @given(strategy)
    @settings(max_examples=count, database=None)
    def collect(model: bytes) -> None:
        found.append(model)

    collect()
    return found


def cases(models: list[bytes], kernels: str) -> list[Case]:
    """Three images for each model, and what TFLM makes of them."""
    made = []
    for model in models:
        graph = read_graph(model, "drawn")
        call = call_of(model, kernels)
        images = images_for(graph.tensor(graph.inputs[0]).shape, seed=len(made))
        expected = tflm_outputs(model, np.stack(images))
        made += [Case(call, x, wanted) for x, wanted in zip(images, expected, strict=True)]
    return made


def wrong_cases(
    board_id: str, cases: Sequence[Case], folder: Path, compiler: Compiler = "auto"
) -> list[int]:
    """The places of the cases whose output differs from what is wanted, on an emulated board."""
    board = boards.load(board_id)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        compiled = _write(cases, Path(place))
        firmware.build(compiled, Path(place), board, Path(place, "out"), compiler=compiler)
        image = emulate.flash_image(board)
        image.parent.mkdir(parents=True, exist_ok=True)
        image.write_bytes(Path(place, "out", "firmware.bin").read_bytes())
    with emulate.start(board) as running, open_link(running.port) as link:
        steps = Client(link).infer(bytes(4), checksum=True).steps
    assert steps is not None
    expected = [zlib.crc32(case.wanted.tobytes() + _GUARD) for case in cases]
    return [n for n, step in enumerate(steps) if step.output_crc != expected[n]]


def _write(cases: Sequence[Case], folder: Path) -> CompiledModel:
    headers = sorted({case.call.header for case in cases})
    text = ['#include "ek_model.h"', '#include "ek_cores.h"', '#include "string.h"']
    text += [f'#include "{header}"' for header in headers]
    for name in sorted({case.call.function for case in cases}):
        text.append(_wrapper(next(case.call for case in cases if case.call.function == name)))
    arena = 0
    bodies, infos = [], []
    for number, case in enumerate(cases):
        start, size, body = _case(number, case, text)
        arena = max(arena, size)
        bodies.append(f"    case {number}: {body} break;")
        infos.append(f"    {{arena + {start}, {case.wanted.size + len(_GUARD)}}},")
    folder.mkdir(exist_ok=True)
    tail = _TAIL.format(
        arena=arena,
        cases="\n".join(bodies),
        infos="\n".join(infos),
        count=len(cases),
        sha=", ".join(f"0x{octet:02x}" for octet in bytes.fromhex(_SHA256)),
    )
    (folder / "model.c").write_text("\n".join([*text, tail]))
    return _record(cases, arena)


def _wrapper(call: KernelCall) -> str:
    """The kernel as one function for all its calls."""
    names = [f"a{number}" for number in range(len(call.arguments))]
    kinds = [_kind(argument) for argument in call.arguments]
    taken = ", ".join(f"{kind} {name}" for kind, name in zip(kinds, names, strict=True))
    if call.shares > 1:
        return _shared_wrapper(call, names, taken)
    return (
        f"static __attribute__((noinline)) void run_{call.function}"
        f"(const {call.function}_params *p, {taken})"
        f"{{ {call.function}(p, {', '.join(names)}); }}"
    )


def _shared_wrapper(call: KernelCall, names: list[str], taken: str) -> str:
    """The same for a kernel in shares, which the firmware hands out to the cores."""
    pointers = ", ".join(f"(void *){name}" for name in ("p", *names))
    places = ", ".join(f"pointer[{place}]" for place in range(len(names) + 1))
    return (
        f"static void share_{call.function}(const void *task, int32_t share, int32_t shares)"
        f"{{ void *const *const pointer = task; {call.function}_share({places}, share, shares); }}"
        f"static __attribute__((noinline)) void run_{call.function}"
        f"(const {call.function}_params *p, {taken})"
        f"{{ void *const pointers[] = {{{pointers}}};"
        f" ek_run_shares(share_{call.function}, pointers); }}"
    )


def _kind(argument: object) -> str:
    if isinstance(argument, Constant):
        return f"const {c_text.array_type(argument.values)} *"
    if argument is None:
        return "const void *"
    return "void *" if isinstance(argument, Scratch) else "int8_t *"


def _case(number: int, case: Case, text: list[str]) -> tuple[int, int, str]:
    """Where the output lies, how much of the arena is used, and the code of the step."""
    target = _rounded(case.x.size)
    behind = target + case.wanted.size
    scratch = _rounded(behind + len(_GUARD))
    arguments, tensors = [], 0
    for place, argument in enumerate(case.call.arguments):
        if isinstance(argument, Constant):
            name = f"c{number}_{place}"
            text.append(_array(name, argument.values))
            arguments.append(name)
        elif isinstance(argument, Scratch):
            arguments.append(f"arena + {scratch}")
        elif argument is None:
            arguments.append("0")
        else:
            arguments.append(f"arena + {target}" if tensors else "arena")
            tensors += 1
    text.append(_array(f"x{number}", case.x))
    fields = ", ".join(f".{key} = {value}" for key, value in case.call.parameters.items())
    text.append(f"static const {case.call.function}_params p{number} = {{{fields}}};")
    size = scratch + sum(need.bytes for need in case.call.arguments if isinstance(need, Scratch))
    body = (
        f"memcpy(arena, x{number}, {case.x.size}U);"
        f" memset(arena + {behind}, 0x{_GUARD[0]:x}, {len(_GUARD)}U);"
        f" run_{case.call.function}(&p{number}, {', '.join(arguments)});"
    )
    return target, _rounded(size), body


def _rounded(count: int) -> int:
    return -(-count // _BOUND) * _BOUND


def _array(name: str, values: npt.NDArray[np.int8] | npt.NDArray[np.int32]) -> str:
    rows = "\n".join(c_text.rows(values))
    return (
        f"static const {c_text.array_type(values)} {name}[{values.size}] EK_ALIGN(4) = {{{rows}}};"
    )


def _record(cases: Sequence[Case], arena: int) -> CompiledModel:
    end = TensorSpec(name="end", shape=(4,), dtype="int8", scale=1.0, zero_point=0)
    return CompiledModel(
        name="cases", runtime="edgekit", model_sha256=_SHA256, input=end, output=end, macs=0,
        arena_bytes=arena, arena_lower_bound_bytes=arena, weights_bytes=0,
        steps=tuple(
            Step(index=n, op="CASE", name=str(n), macs=0, output_shape=(case.wanted.size,),
                 output_bytes=case.wanted.size + len(_GUARD))
            for n, case in enumerate(cases)
        ),
        plan=(), sources=("model.c",),
    )  # fmt: skip
