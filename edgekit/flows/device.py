"""A board to talk to: one that is plugged in, or an emulated one started for the occasion."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edgekit import emulate as emulation
from edgekit.boards import Board
from edgekit.emulate import Engine, RunningBoard
from edgekit.errors import InputError
from edgekit.flows.emulators import port_of
from edgekit.link import open_link
from edgekit.link.client import Client
from edgekit.link.ports import is_serial_port

Source = Literal["hardware", "emulator", "host"]


@dataclass(frozen=True, slots=True)
class Device:
    """A board that a client is connected to, and whether it is a real one.

    `engine` is the one whose notes and units its figures have; None for a real board.
    """

    client: Client
    port: str
    source: Source
    emulator: RunningBoard | None = None
    engine: Engine | None = None

    def notes(self) -> tuple[str, ...]:
        """What must be said with every figure from here; of an emulated board also its troubles."""
        if self.engine is None:
            return ()
        if self.emulator is None:
            return self.engine.notes
        seen = self.emulator.statistics()
        return (*self.engine.notes, *seen.notes, *(f"fault: {fault}" for fault in seen.faults))


def require_one_way(board: Board, *, port: str | None, emulate: bool) -> None:
    """Raises `InputError` when both a real and an emulated board are meant, and `BoardError` for an
    emulated one where there is none."""
    if emulate and port is not None:
        raise InputError("--port and --emulate exclude each other", hint="Give one of them.")
    if emulate:
        emulation.engine_of(board)


@contextlib.contextmanager
def connect(
    board: Board, *, port: str | None, emulate: bool, macs: int | None = None
) -> Iterator[Device]:
    """Opens the way to a board and closes it again; an emulated board ends with it.

    Raises `NoDeviceError` when none or several are plugged in and no port was named,
    `PortBusyError`, and `DeviceError` when the emulated board does not start.
    """
    require_one_way(board, port=port, emulate=emulate)
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(emulation.start(board)) if emulate else None
        if emulator is not None:
            port = emulator.port
        elif port is None:
            port = port_of(board)
        link = open_link(port, baud=board.link.baud)
        client = stack.enter_context(Client(link, board=board.id, macs=macs))
        source: Source = "emulator" if emulate else source_of(port, board)
        emulated = source == "emulator" and board.emulator is not None
        engine = emulation.engine_of(board) if emulated else None
        yield Device(client, port, source, emulator, engine)


def source_of(port: str, board: Board) -> Source:
    """``hardware`` only for a serial port of this machine, or SSH to a board that said it is
    the right machine.

    A pty or a socket may lead anywhere: what is measured there is not called hardware.
    """
    if board.link.kind == "stdio":
        return "host"
    if port.startswith("ssh://") and board.flash.machine:
        return "hardware"
    place = Path(port).resolve() if port.startswith("/") else port
    return "hardware" if is_serial_port(str(place)) else "emulator"
