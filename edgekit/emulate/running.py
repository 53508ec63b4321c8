"""An emulated board that runs: the parent's side of an engine's process."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from collections import deque
from types import TracebackType
from typing import IO

from edgekit.boards import Board
from edgekit.emulate import messages
from edgekit.emulate.endpoints import LinkKind
from edgekit.emulate.engines import engine_of, require
from edgekit.emulate.image import flash_image
from edgekit.errors import DeviceError, InputError, ToolError

# Includes compiling the native counter on the very first start.
_START_TIMEOUT_S = 120.0
_ANSWER_TIMEOUT_S = 10.0
_EXIT_TIMEOUT_S = 3.0
_LOG_LINES = 20
_SHOWN_REGISTERS = ("pc", "lr", "sp")
"""Where it was and where it came from: what a disassembly is searched for."""


class RunningBoard:
    """A running emulated board; closing it, or leaving its `with` block, ends its process.

    `port` is what pyserial opens. Leaving the block raises `DeviceError` when the firmware or the
    engine has crashed, in place of what the crash made go wrong inside the block.
    """

    def __init__(self, command: list[str], board: Board) -> None:
        self._board = board
        self._answers: queue.Queue[messages.AnyMessage | None] = queue.Queue()
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._crash: messages.Crash | None = None
        self._is_closing = False
        self.in_bootloader = False
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us; the end of its stdin is for the child
        )
        assert self._process.stdout
        assert self._process.stderr
        self._readers = (
            threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_log, args=(self._process.stderr,), daemon=True),
        )
        for reader in self._readers:
            reader.start()
        try:
            self.port = self._await_ready()
        except BaseException:
            self._end()
            raise

    @property
    def process_id(self) -> int:
        """The engine's process."""
        return self._process.pid

    def statistics(self) -> messages.Statistics:
        """Cycles, instructions and time so far.

        Raises `DeviceError` when the board has crashed or does not answer.
        """
        self.check()
        assert self._process.stdin
        try:
            self._process.stdin.write(messages.STATISTICS_REQUEST + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None
        answer = self._next(_ANSWER_TIMEOUT_S)
        assert isinstance(answer, messages.Statistics)
        return answer

    def check(self) -> None:
        """Raises `DeviceError` when the firmware or the engine has crashed."""
        if self._crash is not None or self._process.poll() is not None:
            raise self._ended()

    def close(self) -> None:
        """Ends the board. Harmless when it has ended already."""
        self._end()

    def __enter__(self) -> RunningBoard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        has_crashed = not self._is_closing and self._process.poll() is not None
        self._end()
        is_interrupted = error is not None and not isinstance(error, Exception)
        if (has_crashed or self._crash is not None) and not is_interrupted:
            raise self._ended() from error

    def _await_ready(self) -> str:
        answer = self._next(_START_TIMEOUT_S)
        if isinstance(answer, messages.Failed):
            raise ToolError(answer.problem, hint=answer.hint)
        if isinstance(answer, messages.NoFirmware):
            raise DeviceError(
                f"the emulated {self._board.id} has nothing to run: {answer.problem}",
                hint=f"Run `edgekit flash --board {self._board.id} --emulate` first.",
            )
        assert isinstance(answer, messages.Ready)
        return answer.port

    def _next(self, timeout_s: float) -> messages.AnyMessage:
        try:
            answer = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            raise DeviceError(
                f"the emulator did not answer within {timeout_s:.0f} s",
                hint="The machine may be overloaded; try again.",
            ) from None
        if answer is None:
            raise self._ended()
        return answer

    def _read(self, stream: IO[bytes]) -> None:
        """Sorts what the child says; None ends it."""
        for line in stream:
            message = messages.parse(line)
            if isinstance(message, messages.Crash):
                self._crash = message
            elif isinstance(message, messages.Bootloader):
                self.in_bootloader = message.waiting
            elif message is not None:
                self._answers.put(message)
        self._answers.put(None)

    def _read_log(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._log.append(line.decode(errors="replace").rstrip())

    def _end(self) -> None:
        self._is_closing = True
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(_EXIT_TIMEOUT_S)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _ended(self) -> DeviceError:
        """Why there is no board any more."""
        if self._crash is not None:
            return DeviceError(
                f"the firmware on the emulated {self._board.id} crashed: {_describe(self._crash)}",
                hint="A real board would hang here too. Flash what `edgekit build MODEL --board"
                f" {self._board.id}` writes; if that crashes, report it.",
            )
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_EXIT_TIMEOUT_S)
        log = "".join(f"\n  {line}" for line in self._log)
        return DeviceError(
            f"the emulator ended by itself (exit code {self._process.returncode}){log}"
        )


def start(
    board: Board,
    *,
    link: LinkKind = "tcp",
    native: bool | None = None,
    wait_for_image: bool = False,
) -> RunningBoard:
    """Starts a board on its emulated flash, and returns once it runs.

    With `wait_for_image`, one with nothing to run comes up in its bootloader.

    `link` is where its UART comes out, or its serial port over USB. `native` counts cycles in C
    (True), in Python (False), or in C where that can be compiled (None).

    Raises `InputError` for USB where there is none, `BoardError` for a board without an emulator,
    `MissingToolError` when the engine is not installed, and `DeviceError` when the flash is empty
    or the engine fails.
    """
    require(board)
    if link == "usb" and not engine_of(board).has_usb:
        raise InputError(
            f"the emulated {board.id} has no USB socket", hint="Take --link tcp or pty."
        )
    assert board.emulator is not None
    counter = {None: "auto", True: "native", False: "python"}[native]
    command = [
        *(sys.executable, "-m", f"{__package__}.{board.emulator.engine}"),
        f"--board={board.id}",
        f"--flash={flash_image(board)}",
        f"--link={link}",
        f"--counter={counter}",
        *(["--wait-for-image"] if wait_for_image else []),
    ]
    return RunningBoard(command, board)


def _describe(crash: messages.Crash) -> str:
    known = [name for name in _SHOWN_REGISTERS if name in crash.registers]
    where = ", ".join(f"{name} 0x{crash.registers[name]:08x}" for name in known)
    return f"{crash.reason} ({where})" if where else crash.reason
