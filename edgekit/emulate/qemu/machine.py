"""One run of QEMU: from power-up to the firmware's reset, with its UART at a socket."""

from __future__ import annotations

import ctypes
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress

from edgekit.boards import Board
from edgekit.emulate.engines import QEMU, QEMU_NS_PER_INSTRUCTION
from edgekit.emulate.messages import Crash

_ERASED = b"\xff"
_FIRST_VECTORS_BYTES = 8  # the stack pointer and the reset handler
_LOG_BYTES = 4000
_PR_SET_PDEATHSIG = 1
_FATAL = re.compile(r"^qemu: fatal: (.*\S)", re.MULTILINE)
_REGISTER = re.compile(r"\b(R\d\d)=([0-9a-f]{8})\b")
_REGISTERS = {"R13": "sp", "R14": "lr", "R15": "pc"}
"""Those that are passed on, by QEMU's name."""


class Machine:
    """A QEMU process that runs a copy of `flash`. It dies with this process, however that ends.

    `uart` is a non-blocking socket. A reset ends the process: the next one reads flash again.
    """

    def __init__(self, board: Board, flash: bytes) -> None:
        self.uart, far_end = socket.socketpair()
        self.uart.setblocking(False)
        self._image = tempfile.TemporaryFile()  # noqa: SIM115
        self._image.write(flash)
        self._image.seek(0)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        inherited = self._image.fileno(), far_end.fileno()
        self._process = subprocess.Popen(
            _command(board, *inherited),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=inherited,
            preexec_fn=_die_with(os.getpid()),
        )
        far_end.close()

    def has_ended(self) -> bool:
        """Whether the firmware asked for a reset, or QEMU gave up."""
        return self._process.poll() is not None

    def crash(self) -> Crash | None:
        """Why QEMU gave up, and where; None after a reset that the firmware asked for."""
        if self._process.returncode == 0:
            return None
        self._log.seek(0)
        words = self._log.read(_LOG_BYTES).decode(errors="replace").strip()
        return crash_in(words or f"QEMU ended with exit code {self._process.returncode}")

    def close(self) -> None:
        """Ends QEMU; harmless when it has ended."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        self.uart.close()
        self._image.close()
        self._log.close()


def crash_in(words: str) -> Crash:
    """What QEMU says when it gives up: a line with the reason, then all registers."""
    reason = _FATAL.search(words)
    found = {name: int(value, 16) for name, value in _REGISTER.findall(words) if reason}
    return Crash(
        reason=reason[1] if reason else words,
        registers={ours: found[name] for name, ours in _REGISTERS.items() if name in found},
    )


def boot_problem(flash: bytes) -> str:
    """Why the processor would not start from this flash; empty when it would."""
    start = flash[:_FIRST_VECTORS_BYTES]
    return "its flash is erased" if start == _ERASED * len(start) else ""


def _command(board: Board, image: int, uart: int) -> list[str]:
    assert board.emulator is not None
    base, size = board.memory.flash.base, board.memory.flash.size_bytes
    # A number that differs at every start, in the last word of flash: see hal_mps2.c.
    number = random.SystemRandom().getrandbits(32)
    return [
        QEMU,
        *("-machine", str(board.emulator.machine)),
        *("-display", "none", "-monitor", "none", "-nodefaults", "-no-reboot"),
        *("-icount", f"shift={QEMU_NS_PER_INSTRUCTION.bit_length() - 1}"),
        *("-chardev", f"socket,id=uart,fd={uart}", "-serial", "chardev:uart"),
        *("-device", f"loader,file=/dev/fd/{image},addr={base:#x},force-raw=on"),
        *("-device", f"loader,addr={base + size - 4:#x},data={number:#x},data-len=4"),
    ]


def _die_with(parent: int) -> Callable[[], None] | None:
    """What a child does first, so that it gets killed when its parent dies: Linux only."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)  # loaded here: after the fork only its one call is safe

    def ask() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    assert threading.current_thread() is threading.main_thread()  # it is this thread's death
    return ask
