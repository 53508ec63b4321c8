"""A board's side of the protocol: the rules of docs/protocol.md, whatever it is that runs a model.

The C firmware has the same rules in `firmware_templates/common/ek_server.c`; a test holds the two
against each other.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edgekit.protocol import frames, messages
from edgekit.protocol.hello import Hello
from edgekit.protocol.messages import MalformedError, Message, UnknownTypeError
from edgekit.protocol.replies import (
    MAX_STEPS,
    Crash,
    ErrorCode,
    Health,
    Inferred,
    Memory,
    Output,
    Refused,
    ResetDone,
    Steps,
    ThreadsUsed,
    Written,
)
from edgekit.protocol.requests import (
    CrashRequest,
    HealthRequest,
    HelloRequest,
    InferFlags,
    InferRequest,
    MemoryRequest,
    OutputRequest,
    ResetKind,
    ResetRequest,
    StepsRequest,
    ThreadsRequest,
    WriteRequest,
)


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run gave: the output, its cycles, and (cycles, CRC-32) of each step."""

    output: bytes
    cycles: int
    steps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _LastRun:
    request: InferRequest
    reply: Inferred
    ran: Ran


class Server(ABC):
    """Answers requests for the model that `hello` describes; does no I/O of its own."""

    def __init__(self, hello: Hello) -> None:
        self.hello = hello
        self.forget_all()

    @abstractmethod
    def run(self, x: bytes, flags: InferFlags) -> Ran:
        """Runs the model on an input of the length that `hello` says."""

    @abstractmethod
    def memory(self) -> Memory:
        """The RAM in use."""

    @abstractmethod
    def reset(self, kind: ResetKind) -> None:
        """Starts anew; called before the answer leaves, so what stops the program must wait."""

    def health(self) -> Health | None:
        """How the machine is; None where nobody can tell."""
        return None

    def crash(self) -> Crash | None:
        """Why the board started; None where nobody can tell."""
        return None

    def use_threads(self, count: int) -> bool:  # noqa: ARG002
        """Runs the model on so many threads from now on; False where that cannot be chosen."""
        return False

    def answer(self, payload: bytes) -> bytes | None:
        """The frame that answers a payload; None for one too short to be a message."""
        sequence = messages.sequence_of(payload)
        if sequence is None:
            return None
        return frames.encode(messages.encode_reply(self._reply(payload), sequence))

    def forget_all(self) -> None:
        """As after a reset."""
        self.input = bytearray(self.hello.input.bytes)
        self._last: _LastRun | None = None

    def _reply(self, payload: bytes) -> Message:
        try:
            request = messages.parse_request(payload)
        except UnknownTypeError:
            return Refused(ErrorCode.UNKNOWN_TYPE, payload[0])
        except MalformedError:
            return Refused(ErrorCode.WRONG_LENGTH, len(payload) - 2)
        return self.handle(request)

    def handle(self, request: Message) -> Message:
        """The reply to a request."""
        handlers: dict[type[Message], Callable[[Any], Message]] = {
            HelloRequest: self._say_hello,
            WriteRequest: self._write,
            InferRequest: self._infer,
            OutputRequest: self._read_output,
            StepsRequest: self._read_steps,
            MemoryRequest: lambda _: self.memory(),
            ResetRequest: self._reset,
            HealthRequest: lambda _: self._health(),
            ThreadsRequest: self._threads,
            CrashRequest: lambda _: (
                self.crash() or Refused(ErrorCode.UNKNOWN_TYPE, CrashRequest.TYPE)
            ),
        }
        return handlers[type(request)](request)

    def _say_hello(self, request: HelloRequest) -> Message:
        if request.version != messages.VERSION:
            return Refused(ErrorCode.VERSION_NOT_SPOKEN, messages.VERSION)
        return self.hello

    def _write(self, request: WriteRequest) -> Message:
        end = request.offset + len(request.data)
        if end > len(self.input):
            return Refused(ErrorCode.OUT_OF_RANGE, len(self.input))
        self._last = None
        self.input[request.offset : end] = request.data
        return Written(request.offset, len(request.data))

    def _infer(self, request: InferRequest) -> Message:
        if self._last is not None and self._last.request.run == request.run:
            return self._last.reply
        is_stale = request.flags & InferFlags.STALE
        meant = self.hello.boot if is_stale else zlib.crc32(self.input)
        if meant != request.input_crc:
            return Refused(ErrorCode.INPUT_CRC_DIFFERS, meant)
        ran = self.run(bytes(self.input), InferFlags(request.flags))
        reply = Inferred(request.run, self.hello.boot, ran.cycles, zlib.crc32(ran.output))
        self._last = _LastRun(request, reply, ran)
        return reply

    def _read_output(self, request: OutputRequest) -> Message:
        last = self._of_last_run(request.run)
        if last is None or last.request.flags & InferFlags.STALE:
            return Refused(ErrorCode.NO_SUCH_RUN, request.run)
        output = last.ran.output
        end = request.offset + request.length
        if end > len(output):
            return Refused(ErrorCode.OUT_OF_RANGE, len(output))
        return Output(request.run, request.offset, output[request.offset : end])

    def _read_steps(self, request: StepsRequest) -> Message:
        last = self._of_last_run(request.run)
        if last is None or not last.request.flags & (InferFlags.PROFILE | InferFlags.CHECKSUM):
            return Refused(ErrorCode.NO_SUCH_RUN, request.run)
        count = self.hello.step_count
        if request.first >= count:
            return Refused(ErrorCode.OUT_OF_RANGE, count)
        steps = last.ran.steps[request.first : request.first + MAX_STEPS]
        packed = b"".join(Steps.STEP.pack(*step) for step in steps)
        return Steps(request.run, request.first, packed)

    def _of_last_run(self, run: int) -> _LastRun | None:
        return self._last if self._last is not None and self._last.request.run == run else None

    def _reset(self, request: ResetRequest) -> Message:
        if request.kind not in tuple(ResetKind):
            return Refused(ErrorCode.OUT_OF_RANGE, max(ResetKind))
        self.reset(ResetKind(request.kind))
        return ResetDone()

    def _health(self) -> Message:
        return self.health() or Refused(ErrorCode.UNKNOWN_TYPE, HealthRequest.TYPE)

    def _threads(self, request: ThreadsRequest) -> Message:
        if request.count < 1:
            return Refused(ErrorCode.OUT_OF_RANGE, 1)
        if not self.use_threads(request.count):
            return Refused(ErrorCode.UNKNOWN_TYPE, ThreadsRequest.TYPE)
        self._last = None
        return ThreadsUsed(request.count)
