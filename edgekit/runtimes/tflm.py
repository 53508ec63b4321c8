"""TensorFlow Lite Micro on the host: the kernels that decide what is right.

The `tflite-micro` wheel is run in a process of its own (see `tflm_worker`), because some broken
models crash it. A `Worker` answers many questions from one process.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import IO, Any

import msgspec
import numpy as np
import numpy.typing as npt

from edgekit.errors import DataError, MissingToolError, ModelError, ToolError
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

_COMMAND = (sys.executable, "-m", "edgekit.runtimes.tflm_worker")
_INSTALL = "pip install 'edgekit[tflm]'  (Linux x86-64 only)"


def available() -> bool:
    """Whether the `tflite-micro` wheel is installed."""
    return importlib.util.find_spec("tflite_micro") is not None


class Worker:
    """A process that runs TFLM; a context manager. `timeout_s` bounds each question.

    Raises `MissingToolError` when the wheel is not installed.
    """

    def __init__(self, *, timeout_s: float = 600.0) -> None:
        if not available():
            raise MissingToolError("tflite-micro is not installed", hint=_INSTALL)
        self._timeout_s = timeout_s
        self._printed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (close() closes it)
        self._process = subprocess.Popen(
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._printed
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process; harmless when it has ended already."""
        self._process.kill()
        self._process.communicate()
        self._printed.close()

    def run(
        self, model: bytes, *x: npt.NDArray[Any], arena_bytes: int | None = None
    ) -> npt.NDArray[Any]:
        """A model's outputs `[n, ...]` for its inputs `x [n, ...]`, of the model's own types.

        A model with several inputs takes as many arrays. `arena_bytes` None takes an arena that
        is surely enough. Raises `ModelError` when TFLM refuses the model or the arena, `DataError`
        when `x` does not suit the model, `ToolError` when TFLM crashes.
        """
        reply = self._ask_of(Run(model, _values(x), arena_bytes), x)
        assert isinstance(reply, Outputs)
        return np.frombuffer(reply.data, reply.dtype).reshape(len(x[0]), *reply.shape).copy()

    def tensors(
        self, model: bytes, *x: npt.NDArray[Any], numbers: Iterable[int]
    ) -> dict[int, bytes]:
        """The values of some of the model's tensors, by their numbers in the file, after one run on
        `x [1, ...]`. Raises as `run`."""
        reply = self._ask_of(Look(model, _values(x), tuple(numbers)), x)
        assert isinstance(reply, Tensors)
        return reply.values

    def arena_bytes(self, model: bytes) -> int:
        """The smallest arena in which a model runs, exactly, for this machine's 64-bit pointers.

        A 32-bit microcontroller needs somewhat less. Raises as `run` does.
        """
        reply = self._ask(Measure(model))
        assert isinstance(reply, Arena)
        return reply.bytes

    def _ask_of(self, request: Request, x: tuple[npt.NDArray[Any], ...]) -> Reply:
        """`_ask`, raising `DataError` when the inputs `x` do not suit the model."""
        reply = self._ask(request)
        if isinstance(reply, Mismatch):
            raise DataError(
                f"the model's input {reply.index} takes {reply.dtype} of shape {reply.shape[1:]}, "
                f"not {x[reply.index].dtype.name} of shape {x[reply.index].shape[1:]}"
            )
        return reply

    def _ask(self, request: Request) -> Reply:
        with self._deadline() as expired:
            body = self._exchange(request)
        if body is None:
            raise self._died(timed_out=expired.is_set())
        reply: Reply = msgspec.msgpack.decode(body, type=Reply)
        if isinstance(reply, Failure):
            raise ModelError(
                "TensorFlow Lite Micro refuses the model:\n  "
                + "\n  ".join(reply.message.strip().splitlines()[-20:]),
                hint="Its op, or this form of it, may not exist there; `edgekit check` says which.",
            )
        return reply

    def _exchange(self, request: Request) -> bytes | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            send(self._process.stdin, request)
        except BrokenPipeError:
            return None
        return receive(self._process.stdout)

    @contextmanager
    def _deadline(self) -> Iterator[threading.Event]:
        """Kills the process when the block takes too long, which ends any read or write of it."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._process.kill()

        timer = threading.Timer(self._timeout_s, expire)
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()

    def _died(self, *, timed_out: bool) -> ToolError:
        status = self._process.wait()
        self._printed.seek(0)
        how = (
            f"took longer than {self._timeout_s:.0f} s"
            if timed_out
            else f"crashed ({_exit_words(status)})"
        )
        return ToolError(
            f"TensorFlow Lite Micro {how}",
            command=_COMMAND,
            stderr=self._printed.read().decode(errors="replace"),
            hint="The model may be damaged; make it again, or check it with `edgekit check`.",
        )


def _values(x: tuple[npt.NDArray[Any], ...]) -> tuple[Values, ...]:
    return tuple(Values(one.tobytes(), one.dtype.name, len(one)) for one in x)


def _exit_words(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"


def run(model: bytes, *x: npt.NDArray[Any], arena_bytes: int | None = None) -> npt.NDArray[Any]:
    """`Worker.run` in a process for this one call."""
    with Worker() as worker:
        return worker.run(model, *x, arena_bytes=arena_bytes)


def arena_bytes(model: bytes) -> int:
    """`Worker.arena_bytes` in a process for this one call."""
    with Worker() as worker:
        return worker.arena_bytes(model)
