"""The process in which TFLM runs: `python -m edgekit.runtimes.tflm_worker`.

TFLM is C++ that trusts its input. It lives here so that a crash costs a process, not the command.
Standard input and output carry `tflm_protocol`; standard error is a file that the parent opened,
because TFLM prints its figures and its reasons there and nowhere else.
"""

from __future__ import annotations

import math
import os
import re
import sys
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from tflite_micro import runtime

from edgekit.runtimes.tflm_protocol import (
    Arena,
    Failure,
    Look,
    Measure,
    Mismatch,
    Outputs,
    Reply,
    Request,
    Run,
    Tensors,
    Values,
    receive,
    send,
)

_STDERR = 2
_AMPLE_ARENA_BYTES = 64 << 20
_TOTAL = re.compile(r"Arena allocation total (\d+) bytes")


def _printed() -> str:
    """What TFLM has written to standard error since `_forget_printed`."""
    return os.pread(_STDERR, 1 << 20, 0).decode(errors="replace")


def _forget_printed() -> None:
    os.ftruncate(_STDERR, 0)
    os.lseek(_STDERR, 0, os.SEEK_SET)


def _interpreter(model: bytes, arena_bytes: int | None) -> Any:
    return runtime.Interpreter.from_bytes(model, arena_size=arena_bytes or _AMPLE_ARENA_BYTES)


def _arrays(interpreter: Any, index: int, values: Values) -> npt.NDArray[Any] | Mismatch:
    """An input's values as [count, *its shape]."""
    details = interpreter.get_input_details(index)
    shape = tuple(int(extent) for extent in details["shape"])
    wanted = np.dtype(details["dtype"])
    if values.dtype != wanted.name or len(values.data) != values.count * (
        wanted.itemsize * math.prod(shape)
    ):
        return Mismatch(index, shape, wanted.name)
    return np.frombuffer(values.data, wanted).reshape(values.count, *shape)


def _inputs(interpreter: Any, given: tuple[Values, ...]) -> list[npt.NDArray[Any]] | Mismatch:
    inputs = []
    for index, values in enumerate(given):
        found = _arrays(interpreter, index, values)
        if isinstance(found, Mismatch):
            return found
        inputs.append(found)
    return inputs


def _run(request: Run) -> Reply:
    interpreter = _interpreter(request.model, request.arena_bytes)
    inputs = _inputs(interpreter, request.inputs)
    if isinstance(inputs, Mismatch):
        return inputs
    outputs = []
    for arrays in zip(*inputs, strict=True):
        for index, array in enumerate(arrays):
            interpreter.set_input(array, index)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0).tobytes())
    described = interpreter.get_output_details(0)
    shape = tuple(int(extent) for extent in described["shape"])
    return Outputs(
        data=b"".join(outputs),
        shape=shape[1:] if shape[:1] == (1,) else shape,
        dtype=np.dtype(described["dtype"]).name,
    )


def _look(request: Look) -> Reply:
    interpreter = runtime.Interpreter.from_bytes(
        request.model,
        arena_size=_AMPLE_ARENA_BYTES,
        intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors,
    )
    inputs = _inputs(interpreter, request.inputs)
    if isinstance(inputs, Mismatch):
        return inputs
    for index, arrays in enumerate(inputs):
        interpreter.set_input(arrays[0], index)
    interpreter.invoke()
    return Tensors(
        {
            number: np.asarray(interpreter.GetTensor(number, 0)["tensor_data"]).tobytes()
            for number in request.tensors
        }
    )


def _measure(request: Measure) -> Reply:
    interpreter = _interpreter(request.model, None)
    # Some kernels ask for memory only when they run, so the figures are right only afterwards.
    interpreter.invoke()
    _forget_printed()
    interpreter.print_allocations()
    found = _TOTAL.search(_printed())
    if found is None:
        return Failure(f"no arena size in what TFLM printed: {_printed()}")
    return Arena(int(found[1]))


def _answer(request: Request) -> Reply:
    _forget_printed()
    try:
        if isinstance(request, Run):
            return _run(request)
        return _look(request) if isinstance(request, Look) else _measure(request)
    except Exception as error:  # whatever TFLM's bindings raise, the parent decides what it means
        return Failure(f"{_printed()}{type(error).__name__}: {error}")


def main() -> None:
    """Answers requests until standard input ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(_STDERR, 1)  # nothing but replies may reach the parent's pipe
    while (body := receive(sys.stdin.buffer)) is not None:
        send(replies, _answer(msgspec.msgpack.decode(body, type=Request)))


if __name__ == "__main__":
    main()
