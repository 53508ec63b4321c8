"""What is plugged in, and which boards it may be: USB serial ports, UF2 drives and debug probes."""

from __future__ import annotations

from typing import Literal

from edgekit import boards
from edgekit.artifacts import Record
from edgekit.boards import Board
from edgekit.flash import drives
from edgekit.link import ports
from edgekit.link.ports import UsbPort


class Seen(Record, frozen=True):
    """One thing that is plugged in. `boards` are the ids of those it may belong to: a probe serves
    many, an adapter any."""

    what: Literal["serial port", "UF2 drive"]
    place: str
    description: str
    serial_number: str
    boards: tuple[str, ...]
    hint: str


def detect() -> tuple[Seen, ...]:
    """Everything that a board of ours may be behind; nothing is sent to any of it."""
    known = [boards.load(name) for name in boards.identifiers()]
    return (*_drives(known), *(_port(port, known) for port in ports.usb_ports()))


def _drives(known: list[Board]) -> list[Seen]:
    return [
        Seen(
            what="UF2 drive",
            place=str(drive.path),
            description=f"{drive.model}, {drive.board_id}",
            serial_number=drive.serial_number,
            boards=(fits := tuple(b.id for b in known if b.flash.drive == drive.board_id)),
            hint=f"edgekit flash --board {fits[0]}" if fits else "none of our boards has this one",
        )
        for drive in drives.find()
    ]


def _port(port: UsbPort, known: list[Board]) -> Seen:
    fits = tuple(board.id for board in known if port.fits(board))
    board = fits[0] if len(fits) == 1 else "ID"
    return Seen(
        what="serial port",
        place=port.port,
        description=port.description,
        serial_number=port.serial_number,
        boards=fits,
        hint=f"edgekit bench --board {board} --port {port.port}",
    )
