"""The host's side of a conversation with a board: whole inferences, or one clear error.

Nothing is believed but what the board computed from exactly the bytes that were sent: the board
checks the input's CRC, the host the output's, and a board that was reset in between is noticed and
asked again from the start.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from edgekit.errors import DeviceError, InputError, LinkTimeoutError, WrongFirmwareError
from edgekit.link import crashes
from edgekit.link.exchange import Exchange, RefusedError
from edgekit.link.link import Link
from edgekit.link.runner import Inference, Progress, RunLostError, Runner, StepMeasurement
from edgekit.protocol.hello import Hello
from edgekit.protocol.messages import VERSION
from edgekit.protocol.replies import Crash, ErrorCode, Health, Memory
from edgekit.protocol.requests import (
    CrashRequest,
    HealthRequest,
    HelloRequest,
    InferFlags,
    MemoryRequest,
    ResetKind,
    ResetRequest,
    ThreadsRequest,
)

HELLO_TIMEOUT_S = 5.0
THREADS_TIMEOUT_S = 30.0
"""A small Linux board prepares a large model anew for other threads."""
MAX_STRAY_ANSWERS = 8
"""How many refusals in a row HELLO may get that are not meant for it."""
MAX_LOST_RUNS = 8
"""How often in a row a board may lose a run by a reset before that is an error."""

__all__ = ["Client", "Health", "Hello", "Inference", "Memory", "ResetKind", "StepMeasurement"]


class Client:
    """Talks to the one board on a link, and closes the link when it is done.

    `board` is the id of the only board that will do; without it, any. `macs` of the model set how
    long an inference may take; without them it is a minute. `progress` hears of an input's way to
    the board.
    """

    def __init__(
        self,
        link: Link,
        *,
        board: str | None = None,
        macs: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._link = link
        self._board = board
        self._exchange = Exchange(link)
        self._runner = Runner(link, self._exchange, macs, progress)
        self._hello: Hello | None = None
        self._expected_sha256: str | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the port."""
        self._link.close()

    @property
    def resends(self) -> int:
        """How many requests had to be sent again: the line's quality."""
        return self._exchange.resends

    def expect_model(self, sha256: str) -> None:
        """From now on only a board that runs the model with this SHA-256 (hex) will do.

        Raises `WrongFirmwareError` when the board is known already and runs another.
        """
        self._expected_sha256 = sha256
        if self._hello is not None:
            self._check_model(self._hello)

    def hello(self, *, timeout_s: float = HELLO_TIMEOUT_S) -> Hello:
        """Who is there.

        Raises `LinkTimeoutError` when nobody answers, and `WrongFirmwareError` when the board
        is not the one that was meant, speaks another version, or runs another model than expected
        or than before.
        """
        hello = self._say_hello(timeout_s + self._link.start_s)
        self._check_board(hello)
        self._check_model(hello)
        self._hello = hello
        return hello

    def _say_hello(self, silence_s: float) -> Hello:
        refusal = 0
        for _ in range(MAX_STRAY_ANSWERS):
            try:
                hello = self._exchange.ask(HelloRequest(VERSION), silence_s=silence_s)
            except RefusedError as refused:
                refusal = refused.code
                if refusal == ErrorCode.VERSION_NOT_SPOKEN:
                    raise self._another_version(refused.detail) from None
                continue  # an answer to what a client before us asked
            assert isinstance(hello, Hello)
            return hello
        raise DeviceError(
            f"the board on {self._link.port} refused HELLO with error {refusal}",
            hint="Reset the board, and flash it again with this edgekit.",
        )

    def _another_version(self, spoken: int) -> WrongFirmwareError:
        return WrongFirmwareError(
            f"the board on {self._link.port} speaks protocol version {spoken},"
            f" this edgekit speaks {VERSION}",
            hint="Build and flash again with this edgekit.",
        )

    def infer(self, x: bytes, *, profile: bool = False, checksum: bool = False) -> Inference:
        """Runs the model on `x`, int8 as the model's input lies in memory.

        `profile` counts the cycles of each step, `checksum` sums up each step's output. Raises
        `InputError` for an input of the wrong size, `LinkTimeoutError` when the board is dead,
        `WrongFirmwareError` when it came back with another model, `BoardCrashedError` when it went
        down, `DeviceError` when it fails.
        """
        expected = self._known().input.bytes
        if len(x) != expected:
            raise InputError(f"the input has {len(x)} B, the model on the board takes {expected} B")
        flags = _flags(profile, checksum)
        return self._until_done(lambda hello: self._runner.infer(hello, x, flags))

    def time(self, *, profile: bool = False) -> Inference:
        """Runs the model on whatever the board's input holds: cycles, and no output.

        Raises as `infer`.
        """
        flags = _flags(profile, checksum=False)
        return self._until_done(lambda hello: self._runner.time(hello, flags))

    def memory(self) -> Memory:
        """The RAM in use, the stack's high-water mark included."""
        try:
            memory = self._exchange.ask(MemoryRequest())
        except RefusedError as refused:
            raise DeviceError(f"the board on {self._link.port} refused {refused}") from None
        assert isinstance(memory, Memory)
        return memory

    def health(self) -> Health | None:
        """How the machine is; None for a board that cannot tell."""
        try:
            health = self._exchange.ask(HealthRequest())
        except RefusedError:
            return None
        assert isinstance(health, Health)
        return health

    def use_threads(self, count: int) -> None:
        """Runs the model on so many threads from now on.

        Raises `DeviceError` for a board where that cannot be chosen.
        """
        try:
            self._exchange.ask(ThreadsRequest(count), silence_s=THREADS_TIMEOUT_S)
        except RefusedError as refused:
            raise DeviceError(f"the board on {self._link.port} refused {refused}") from None

    def reset(self, kind: ResetKind = ResetKind.RESTART) -> None:
        """Resets the board; after a restart, waits until it answers again.

        Raises `DeviceError` when it answers without having restarted.
        """
        before = self._known()
        try:
            self._exchange.ask(ResetRequest(kind), silence_s=HELLO_TIMEOUT_S)
        except RefusedError as refused:
            raise DeviceError(f"the board on {self._link.port} refused {refused}") from None
        except LinkTimeoutError:
            if kind is ResetKind.RESTART:
                raise
            return  # it is in its bootloader, and the reply was lost
        if kind is ResetKind.RESTART and self.hello().boot == before.boot:
            raise DeviceError(f"the board on {self._link.port} did not restart")

    def _known(self) -> Hello:
        return self._hello or self.hello()

    def _check_board(self, hello: Hello) -> None:
        if self._board is not None and hello.board != self._board:
            raise WrongFirmwareError(
                f"the board on {self._link.port} runs firmware for {hello.board},"
                f" not for {self._board}",
                hint=f"Name another port, or say --board {hello.board}.",
            )

    def _check_model(self, hello: Hello) -> None:
        """The model must be the expected one; without that, it must not change under our hands."""
        before = self._hello.model_sha256 if self._hello else hello.model_sha256
        wanted = self._expected_sha256 or before
        if hello.model_sha256 != wanted:
            raise WrongFirmwareError(
                f"the board on {self._link.port} runs {hello.model or 'a model'} with SHA-256"
                f" {hello.model_sha256[:12]}…, not {wanted[:12]}…",
                hint="Build and flash the model that you mean (`edgekit build`, `edgekit flash`).",
            )

    def _until_done(self, attempt: Callable[[Hello], Inference]) -> Inference:
        reason = ""
        for _ in range(MAX_LOST_RUNS):
            try:
                return attempt(self._known())
            except RunLostError as lost:
                reason = str(lost)
                self._come_back()
        raise DeviceError(
            f"the board on {self._link.port} lost {MAX_LOST_RUNS} runs in a row: {reason}",
            hint="It may reset by itself: check its power supply.",
        )

    def _come_back(self) -> None:
        """Says hello again; raises `BoardCrashedError` when the board went down by itself."""
        before = self._known().boot
        if self.hello().boot == before:
            return
        try:
            crash = self._exchange.ask(CrashRequest())
        except RefusedError:  # a board that cannot tell: once more, then
            return
        assert isinstance(crash, Crash)
        if crashes.is_crash(crash):
            raise crashes.error(self._link.port, crash)


def _flags(profile: bool, checksum: bool) -> InferFlags:
    flags = InferFlags.PROFILE if profile else InferFlags.NONE
    return flags | InferFlags.CHECKSUM if checksum else flags
