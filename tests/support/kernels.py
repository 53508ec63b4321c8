"""Kernels on the host, one compiled program each, asked again and again.

The program takes a call's parameters and arrays from its standard input and gives the arrays back.
Each array is an allocation of its own of exactly its size, so that the compiler's guard bytes find
any access outside of it; a program that finds one dies, and the test fails with its report. So does
one that takes too long: an alarm of its own ends it, which costs less than a thread that watches.
"""

from __future__ import annotations

import atexit
import contextlib
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops.operator import Constant, KernelCall, Scratch, TensorPointer
from support.compiler import compile_c

Bytes = npt.NDArray[np.int8]
_LIMIT_S = 10

_HARNESS = """
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "{header}"

static void take(void *to, size_t bytes)
{{
    if (bytes && fread(to, bytes, 1, stdin) != 1)
        exit(0);
}}

static inline float real(int32_t bits)
{{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}}

int main(void)
{{
    for (;;) {{
        int32_t value[{parameters}];
        uint32_t bytes[{slots}];
        void *slot[{slots}];
        take(value, sizeof value);
        take(bytes, sizeof bytes);
        for (int i = 0; i < {slots}; i++) {{
            slot[i] = malloc(bytes[i]);
            take(slot[i], bytes[i]);
        }}
        alarm({limit_s});
        {call};
        for (int i = 0; i < {slots}; i++) {{
            fwrite(slot[i], 1, bytes[i], stdout);
            free(slot[i]);
        }}
        alarm(0);
        fflush(stdout);
    }}
}}
"""


def call_of(model: bytes, kernels: str) -> KernelCall:
    """The only call of a model of one op, by the kernels of a family of cores."""
    from edgekit.ops.discovery import operators
    from edgekit.tflite import read_graph

    graph = replace(read_graph(model, "drawn"), kernels=kernels)
    (operation,) = graph.operations
    (call,) = operators()[operation.op].calls(graph, operation)
    return call


def run_operation(graph: Graph, operation: Operation, inputs: Mapping[int, Bytes]) -> Bytes:
    """The first output of one op of a graph, computed by its kernels from its variable inputs."""
    return run_outputs(graph, operation, inputs)[0]


def run_outputs(graph: Graph, operation: Operation, inputs: Mapping[int, Bytes]) -> list[Bytes]:
    """All outputs of one op of a graph, computed by its kernels from its variable inputs."""
    from edgekit.ops.discovery import operators

    operator = operators()[operation.op]
    calls = operator.calls(graph, operation)
    blank = {n: np.full(graph.tensor(n).shape, 0x55, np.int8) for n in operation.outputs}
    found = run_calls(calls, {**inputs, **blank})
    for number, given in inputs.items():
        assert np.array_equal(found[number], given), "the kernel wrote into its input"
    for pair in operator.in_place(graph, operation):
        source, target = operation.inputs[pair.input], operation.outputs[pair.output]
        _check_in_place(calls, inputs, source, target, found[target])
    return [found[number] for number in operation.outputs]


def _check_in_place(
    calls: Sequence[KernelCall],
    inputs: Mapping[int, Bytes],
    source: int,
    target: int,
    apart: Bytes,
) -> None:
    """Where an op says that output may lie on input, that changes nothing."""
    shared = run_calls(calls, inputs, same={target: source})[source]
    assert shared.tobytes() == apart.tobytes(), "in place it computes something else"


def run_calls(
    calls: Sequence[KernelCall],
    tensors: Mapping[int, Bytes],
    same: Mapping[int, int] | None = None,
) -> dict[int, Bytes]:
    """All tensors after several calls, by number; as `run_call`."""
    found = dict(tensors)
    for call in calls:
        found |= run_call(call, found, same)
    return found


def run_call(
    call: KernelCall, tensors: Mapping[int, Bytes], same: Mapping[int, int] | None = None
) -> dict[int, Bytes]:
    """All tensors of one kernel call after it, by number. `same` maps a tensor onto another."""
    same = same or {}
    slots: dict[object, bytes] = {}
    uses: list[object] = []
    for place, argument in enumerate(call.arguments):
        key = _key(place, argument, same)
        uses.append(key)
        if key is not None:
            slots[key] = _content(argument, tensors, same)
    order = list(slots)
    kind = tuple(-1 if key is None else order.index(key) for key in uses)
    program = _program(
        call.function, call.header, tuple(call.parameters), tuple(call.reals), kind, call.shares
    )
    numbers = [*call.parameters.values(), *map(_bits, call.reals.values())]
    answers = program.ask(numbers, list(slots.values()))
    return {
        key: np.frombuffer(answer, np.int8).reshape(tensors[key].shape)
        for key, answer in zip(order, answers, strict=True)
        if isinstance(key, int)
    }


def _bits(value: float) -> int:
    """A float32 as the int32 that has its bits."""
    return int(np.float32(value).view(np.int32))


def _key(place: int, argument: object, same: Mapping[int, int]) -> object:
    """What makes two arguments the same array: a tensor's number, else its place in the call."""
    if argument is None:
        return None
    if isinstance(argument, TensorPointer):
        return same.get(argument.tensor, argument.tensor)
    return ("argument", place)


def _content(argument: object, tensors: Mapping[int, Bytes], same: Mapping[int, int]) -> bytes:
    if isinstance(argument, TensorPointer):
        return tensors[same.get(argument.tensor, argument.tensor)].tobytes()
    if isinstance(argument, Constant):
        return argument.values.tobytes()
    assert isinstance(argument, Scratch)
    return b"\x55" * argument.bytes


class _Program:
    """A compiled harness for one kernel, started when it is asked and has died before."""

    def __init__(self, source: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix="edgekit-kernel-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        (folder / "harness.c").write_text(source)
        self._program = compile_c([folder / "harness.c"], folder / "harness")
        self._report = folder / "stderr"
        self._process: subprocess.Popen[bytes] | None = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            with self._report.open("wb") as report:
                self._process = subprocess.Popen(
                    [self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=report
                )
            atexit.register(_end, self._process)
        return self._process

    def ask(self, parameters: list[int], slots: list[bytes]) -> list[bytes]:
        """The slots after one call."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        head = struct.pack(f"<{max(1, len(parameters))}i", *(parameters or [0]))
        sizes = struct.pack(f"<{len(slots)}I", *map(len, slots))
        try:
            process.stdin.write(head + sizes + b"".join(slots))
            process.stdin.flush()
            answers = [process.stdout.read(len(slot)) for slot in slots]
        except BrokenPipeError:
            answers = []
        if list(map(len, answers)) != list(map(len, slots)):
            raise AssertionError(self._last_words(process))
        return answers

    def _last_words(self, process: subprocess.Popen[bytes]) -> str:
        """The compiler's report; the next question starts a new process, so that tests shrink."""
        _end(process)
        self._process = None
        report = self._report.read_text(encoding="utf-8", errors="replace")
        return f"the kernel died, or took longer than {_LIMIT_S} s:\n{report[:3000]}"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with contextlib.suppress(BrokenPipeError):
        process.communicate()


@cache
def _program(
    function: str,
    header: str,
    parameters: tuple[str, ...],
    reals: tuple[str, ...],
    kind: tuple[int, ...],
    shares: int,
) -> _Program:
    values = [f".{name} = value[{place}]" for place, name in enumerate(parameters)]
    for place, name in enumerate(reals, start=len(parameters)):
        values.append(f".{name} = real(value[{place}])")
    fields = ", ".join(values)
    arguments = [f"&(const {function}_params){{{fields}}}"]
    arguments += ["NULL" if slot < 0 else f"slot[{slot}]" for slot in kind]
    return _Program(
        _HARNESS.format(
            header=header,
            parameters=max(1, len(values)),
            slots=max(kind) + 1,
            limit_s=_LIMIT_S,
            call="; ".join(_shares(function, arguments, shares)),
        )
    )


def _shares(function: str, arguments: list[str], shares: int) -> list[str]:
    """The call, or one of each share: the last first, so that they cannot lean on each other."""
    if shares == 1:
        return [f"{function}({', '.join(arguments)})"]
    return [
        f"{function}_share({', '.join([*arguments, str(share), str(shares)])})"
        for share in reversed(range(shares))
    ]
