"""The child process: `python -m edgekit.emulate.qemu --board mps2-an386 --flash flash.bin`.

Speaks the language of `edgekit.emulate.messages` on standard output, and obeys it on standard
input; the end of standard input ends the process and QEMU with it.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import time
from pathlib import Path

from edgekit import boards
from edgekit.boards import Board
from edgekit.emulate import messages
from edgekit.emulate.endpoints import Endpoint, open_endpoint
from edgekit.emulate.qemu.machine import Machine, boot_problem

_CHUNK = 1 << 16
_IDLE_WAIT_S = 0.5
_BUSY_WAIT_S = 0.002
_FIRST_WORD_S = 1.0
"""How long a board may take to speak first. What came before its UART is on would stop QEMU's nRF51
from listening at all; our firmware says that it is there."""
_MOST_RESETS_PER_S = 10


class _EndedError(Exception):
    """Standard input has ended: so does this process."""


class Console:
    """The board and its line: passes bytes on, and starts QEMU again after each reset."""

    def __init__(self, board: Board, flash: Path, endpoint: Endpoint) -> None:
        self._board, self._flash, self._endpoint = board, flash, endpoint
        self._started = time.perf_counter()
        self._starts = 0
        self._to_board = bytearray()
        self._listens_at = 0.0

    def run(self) -> messages.Crash:
        """Runs until the firmware crashes; why it did, and where."""
        while True:
            flash = self.read_flash()
            if boot_problem(flash):
                return messages.Crash(reason=f"after a reset, {boot_problem(flash)}", registers={})
            crash = self._run_once(flash)
            if crash is not None:
                return crash
            time.sleep(1 / _MOST_RESETS_PER_S)  # firmware that only resets must not eat a core

    def read_flash(self) -> bytes:
        """What flash holds, without the erased end, which need not be loaded."""
        return self._flash.read_bytes().rstrip(b"\xff") if self._flash.exists() else b""

    def _run_once(self, flash: bytes) -> messages.Crash | None:
        machine = Machine(self._board, flash)
        self._starts += 1
        self._listens_at = time.perf_counter() + _FIRST_WORD_S
        try:
            while not machine.has_ended():
                self._pass_on(machine)
            return machine.crash()
        finally:
            machine.close()

    def _pass_on(self, machine: Machine) -> None:
        timeout_s = _BUSY_WAIT_S if self._to_board else _IDLE_WAIT_S
        self._endpoint.wait(timeout_s, also=(machine.uart.fileno(), sys.stdin.fileno()))
        self._obey()
        self._to_board += self._endpoint.receive()
        try:
            if self._to_board and time.perf_counter() >= self._listens_at:
                del self._to_board[: machine.uart.send(self._to_board)]
            data = machine.uart.recv(_CHUNK)
            if not data:
                time.sleep(_BUSY_WAIT_S)  # QEMU is about to end
            self._listens_at = 0.0
            self._endpoint.send(data)
        except BlockingIOError:
            pass
        except OSError:  # QEMU has ended: has_ended() finds it
            self._to_board.clear()

    def _obey(self) -> None:
        while select.select([sys.stdin], [], [], 0)[0]:
            line = os.read(sys.stdin.fileno(), 4096)
            if not line:
                raise _EndedError
            if messages.STATISTICS_REQUEST in line:
                messages.send(self._statistics())

    def _statistics(self) -> messages.Statistics:
        return messages.Statistics(
            cycles=None,
            instructions=None,
            idle_cycles=None,
            wall_s=time.perf_counter() - self._started,
            idle_s=None,
            clock_hz=self._board.cpu.clock_hz,
            counter="qemu",
            resets=self._starts,
            faults=(),
            notes=(),
        )


def main() -> None:
    """Runs the board until it crashes or standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arguments = _parse()
    endpoint = open_endpoint(arguments.link)
    console = Console(boards.load(arguments.board), arguments.flash, endpoint)
    try:
        problem = boot_problem(console.read_flash())
        if problem:
            messages.send(messages.NoFirmware(problem=problem))
            return
        messages.send(messages.Ready(port=endpoint.port, counter="qemu"))
        messages.send(console.run())
    except _EndedError:
        pass
    finally:
        endpoint.close()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m edgekit.emulate.qemu")
    parser.add_argument("--board", required=True)
    parser.add_argument("--flash", required=True, type=Path)
    parser.add_argument("--link", choices=("tcp", "pty"), default="tcp")
    parser.add_argument("--counter", choices=("auto", "native", "python"), default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()
