"""A board in a few lines of Python: the rules of docs/protocol.md, for tests without firmware."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from edgekit.protocol import frames, messages
from edgekit.protocol.hello import Hello, TensorInfo
from edgekit.protocol.messages import MalformedError, Message, UnknownTypeError
from edgekit.protocol.replies import (
    MAX_STEPS,
    ErrorCode,
    Inferred,
    Memory,
    Output,
    Refused,
    ResetDone,
    Steps,
    Written,
)
from edgekit.protocol.requests import (
    HelloRequest,
    InferFlags,
    InferRequest,
    MemoryRequest,
    OutputRequest,
    ResetRequest,
    StepsRequest,
    WriteRequest,
)

Model = Callable[[bytes], bytes]
"""Input bytes to output bytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply on its way: what the board thought for, and the frame."""

    delay_s: float
    frame: bytes


@dataclass(frozen=True, slots=True)
class _Run:
    request: InferRequest
    reply: Inferred
    output: bytes


@dataclass
class SimulatedBoard:
    """Serves requests as the firmware does; the input is overwritten by running.

    `before` hears of each request before it is served: a test may reboot the board there, or swap
    its model.
    """

    model: Model
    hello: Hello
    infer_s: float = 0.0
    before: Callable[[Message], None] | None = None
    served: int = 0
    """Whole requests so far."""
    inferred: int = 0
    """How often the model ran."""
    _decoder: frames.Decoder = field(default_factory=frames.Decoder)
    _input: bytearray = field(default_factory=bytearray)
    _last: _Run | None = None

    def __post_init__(self) -> None:
        self._input = bytearray(self.hello.input.bytes)

    def reboot(self, hello: Hello | None = None) -> None:
        """Forgets everything; comes back as `hello` says, with the next boot number."""
        self.hello = replace(hello or self.hello, boot=(self.hello.boot + 1) % 2**32)
        self._decoder = frames.Decoder()
        self._input = bytearray(self.hello.input.bytes)
        self._last = None

    def receive(self, data: bytes) -> list[Answer]:
        """What the board sends for the requests that these bytes complete."""
        return [answer for payload in self._decoder.feed(data) for answer in self._serve(payload)]

    def _serve(self, payload: bytes) -> list[Answer]:
        sequence = messages.sequence_of(payload)
        if sequence is None:
            return []
        try:
            request = messages.parse_request(payload)
        except UnknownTypeError:
            return [_answer(Refused(ErrorCode.UNKNOWN_TYPE, payload[0]), sequence)]
        except MalformedError:
            return [_answer(Refused(ErrorCode.WRONG_LENGTH, len(payload) - 2), sequence)]
        self.served += 1
        if self.before is not None:
            self.before(request)
        inferred_before = self.inferred
        reply = self._handle(request)
        thinking_s = self.infer_s * (self.inferred - inferred_before)
        return [_answer(reply, sequence, thinking_s)]

    def _handle(self, request: Message) -> Message:
        if isinstance(request, HelloRequest):
            if request.version != messages.VERSION:
                return Refused(ErrorCode.VERSION_NOT_SPOKEN, messages.VERSION)
            return self.hello
        if isinstance(request, WriteRequest):
            return self._write(request)
        if isinstance(request, InferRequest):
            return self._infer(request)
        if isinstance(request, OutputRequest):
            return self._read_output(request)
        if isinstance(request, StepsRequest):
            return self._read_steps(request)
        if isinstance(request, MemoryRequest):
            return Memory(8192, 4096, 1024, self.hello.arena_bytes)
        assert isinstance(request, ResetRequest)
        self.reboot()
        return ResetDone()

    def _write(self, request: WriteRequest) -> Message:
        end = request.offset + len(request.data)
        if end > len(self._input):
            return Refused(ErrorCode.OUT_OF_RANGE, len(self._input))
        self._last = None
        self._input[request.offset : end] = request.data
        return Written(request.offset, len(request.data))

    def _infer(self, request: InferRequest) -> Message:
        if self._last is not None and self._last.request.run == request.run:
            return self._last.reply
        crc = zlib.crc32(self._input)
        if not request.flags & InferFlags.STALE and crc != request.input_crc:
            return Refused(ErrorCode.INPUT_CRC_DIFFERS, crc)
        self.inferred += 1
        output = self.model(bytes(self._input))
        self._input = bytearray(byte ^ 0xFF for byte in self._input)
        reply = Inferred(request.run, self.hello.boot, 1000, zlib.crc32(output))
        self._last = _Run(request, reply, output)
        return reply

    def _read_output(self, request: OutputRequest) -> Message:
        last = self._last
        if last is None or last.request.run != request.run or last.request.flags & InferFlags.STALE:
            return Refused(ErrorCode.NO_SUCH_RUN, request.run)
        end = request.offset + request.length
        if end > len(last.output):
            return Refused(ErrorCode.OUT_OF_RANGE, len(last.output))
        return Output(request.run, request.offset, last.output[request.offset : end])

    def _read_steps(self, request: StepsRequest) -> Message:
        last = self._last
        asked = InferFlags.PROFILE | InferFlags.CHECKSUM
        if last is None or last.request.run != request.run or not last.request.flags & asked:
            return Refused(ErrorCode.NO_SUCH_RUN, request.run)
        count = self.hello.step_count
        if request.first >= count:
            return Refused(ErrorCode.OUT_OF_RANGE, count)
        steps = range(request.first, min(count, request.first + MAX_STEPS))
        profile = bool(last.request.flags & InferFlags.PROFILE)
        checksum = bool(last.request.flags & InferFlags.CHECKSUM)
        packed = (Steps.STEP.pack(profile * 10 * step, checksum * (step + 1)) for step in steps)
        return Steps(request.run, request.first, b"".join(packed))


def describe(
    *,
    input_bytes: int,
    output_bytes: int,
    step_count: int = 1,
    sha256: str = "5a" * 32,
    board: str = "fake",
) -> Hello:
    """What a simulated board says of itself."""
    return Hello(
        version=messages.VERSION,
        boot=1,
        clock_hz=125_000_000,
        board=board,
        core="simulated",
        compiler="none",
        runtime="edgekit",
        model="model",
        model_sha256=sha256,
        input=TensorInfo(input_bytes, (input_bytes,), 1.0, 0),
        output=TensorInfo(output_bytes, (output_bytes,), 1.0, 0),
        step_count=step_count,
        arena_bytes=input_bytes + output_bytes,
    )


def _answer(reply: Message, sequence: int, delay_s: float = 0.0) -> Answer:
    return Answer(delay_s, frames.encode(messages.encode_reply(reply, sequence)))
