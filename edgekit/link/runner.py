"""One attempt at one inference: upload, run, read back, compare checksums."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from edgekit.boards.pace import longest_s
from edgekit.errors import DeviceError
from edgekit.link import crashes
from edgekit.link.exchange import PATIENCE_S, SILENCE_S, Exchange, RefusedError
from edgekit.link.link import Link
from edgekit.protocol.hello import Hello
from edgekit.protocol.message import Message
from edgekit.protocol.replies import ErrorCode, Inferred, Output, Steps
from edgekit.protocol.requests import (
    MAX_DATA_BYTES,
    MAX_WRITES_UNDER_WAY,
    InferFlags,
    InferRequest,
    OutputRequest,
    StepsRequest,
    WriteRequest,
)

Progress = Callable[[int, int], None]
"""Hears (bytes sent, bytes in all) while an input is on its way."""

DEFAULT_INFER_TIMEOUT_S = 60.0

_SLOWEST_CLOCK_RATIO = 8
"""How much slower than its clock an emulated board may run on a busy machine."""
_INFER_EXTRA_S = 5.0
_FIRST_PATIENCE_S = 1.0

_LOST = (ErrorCode.OUT_OF_RANGE, ErrorCode.INPUT_CRC_DIFFERS, ErrorCode.NO_SUCH_RUN)
"""What a board says when it was reset in mid-run, perhaps with other firmware."""

AnyReply = TypeVar("AnyReply", bound=Message)


@dataclass(frozen=True, slots=True)
class StepMeasurement:
    """What was measured of one step; 0 where it was not asked for."""

    cycles: int
    output_crc: int


@dataclass(frozen=True, slots=True)
class Inference:
    """One run: the output (empty when it was only timed), its cycles, and those of each step."""

    output: bytes
    cycles: int
    steps: tuple[StepMeasurement, ...] | None


class RunLostError(Exception):
    """A run has to be done again: the board was reset since it began. Stays in `edgekit.link`."""


def infer_timeout_s(macs: int, clock_hz: int) -> float:
    """How long one inference may take, with room for plain C and for a slow emulator."""
    return _INFER_EXTRA_S + longest_s(macs, clock_hz) * _SLOWEST_CLOCK_RATIO


class Runner:
    """Runs one board's model; every method takes the HELLO that the caller goes by.

    All raise `RunLostError` when the board was reset meanwhile, `LinkTimeoutError` when it is
    dead, and `DeviceError` when it refuses.
    """

    def __init__(
        self, link: Link, exchange: Exchange, macs: int | None, progress: Progress | None
    ) -> None:
        self._link = link
        self._exchange = exchange
        self._macs = macs
        self._progress = progress
        self._run = random.getrandbits(32)
        self._last_infer_s: float | None = None

    def infer(self, hello: Hello, x: bytes, flags: InferFlags) -> Inference:
        """The result of exactly these input bytes."""
        self._upload(x)
        done = self._infer(hello, zlib.crc32(x), flags)
        steps = self._read_steps(hello, done.run, flags)
        return Inference(self._read_output(hello, done), done.cycles, steps)

    def time(self, hello: Hello, flags: InferFlags) -> Inference:
        """Cycles only, on whatever the input holds."""
        done = self._infer(hello, hello.boot, flags | InferFlags.STALE)
        return Inference(b"", done.cycles, self._read_steps(hello, done.run, flags))

    def _upload(self, x: bytes) -> None:
        starts = range(0, len(x), MAX_DATA_BYTES)
        writes = [WriteRequest(at, x[at : at + MAX_DATA_BYTES]) for at in starts]
        arrived = 0

        def report(index: int) -> None:
            nonlocal arrived
            arrived += len(writes[index].data)
            if self._progress is not None:
                self._progress(arrived, len(x))

        try:
            self._exchange.ask_all(writes, under_way=MAX_WRITES_UNDER_WAY, answered=report)
        except RefusedError as refused:
            raise self._failed(refused) from None

    def _infer(self, hello: Hello, meant: int, flags: InferFlags) -> Inferred:
        """`meant` is the input's CRC-32; for a stale run the boot, so that no other one answers."""
        self._run = (self._run + 1) % 2**32
        start = self._link.now()
        done = self._ask(
            InferRequest(self._run, meant, flags),
            Inferred,
            silence_s=self._timeout_s(hello),
            patience_s=self._patience_s(hello),
        )
        self._last_infer_s = self._link.now() - start
        if done.boot != hello.boot:
            raise RunLostError("it was reset")
        return done

    def _timeout_s(self, hello: Hello) -> float:
        if self._macs is None:
            return DEFAULT_INFER_TIMEOUT_S
        return infer_timeout_s(self._macs, hello.clock_hz)

    def _patience_s(self, hello: Hello) -> float:
        """A resend before an inference can be done is for nothing."""
        if self._last_infer_s is not None:
            return max(PATIENCE_S, 2 * self._last_infer_s)
        return _FIRST_PATIENCE_S + longest_s(self._macs or 0, hello.clock_hz)

    def _read_output(self, hello: Hello, done: Inferred) -> bytes:
        output = b""
        while len(output) < hello.output.bytes:
            length = min(MAX_DATA_BYTES, hello.output.bytes - len(output))
            part = self._ask(OutputRequest(done.run, len(output), length), Output)
            if len(part.data) != length:
                raise RunLostError(f"it sent {len(part.data)} B of output instead of {length}")
            output += part.data
        if zlib.crc32(output) != done.output_crc:
            raise RunLostError("the output's CRC differs")
        return output

    def _read_steps(
        self, hello: Hello, run: int, flags: InferFlags
    ) -> tuple[StepMeasurement, ...] | None:
        if not flags & (InferFlags.PROFILE | InferFlags.CHECKSUM):
            return None
        steps: list[StepMeasurement] = []
        while len(steps) < hello.step_count:
            part = self._ask(StepsRequest(run, len(steps)), Steps).measured()
            if not part or len(steps) + len(part) > hello.step_count:
                raise RunLostError(
                    f"it sent {len(part)} steps from step {len(steps)} of {hello.step_count}"
                )
            steps += (StepMeasurement(*step) for step in part)
        return tuple(steps)

    def _ask(
        self,
        request: Message,
        kind: type[AnyReply],
        silence_s: float = SILENCE_S,
        patience_s: float = PATIENCE_S,
    ) -> AnyReply:
        try:
            reply = self._exchange.ask(request, silence_s=silence_s, patience_s=patience_s)
        except RefusedError as refused:
            raise self._failed(refused) from None
        assert isinstance(reply, kind)
        return reply

    def _failed(self, refused: RefusedError) -> Exception:
        if refused.crash is not None:
            return crashes.error(self._link.port, refused.crash)
        if refused.code in _LOST:
            return RunLostError(str(refused))
        return DeviceError(
            f"the board on {self._link.port} refused {refused}",
            hint="Build and flash again with this edgekit.",
        )
