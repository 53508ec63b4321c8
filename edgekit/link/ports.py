"""The serial ports of this machine, and the one that a board is likely on."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass

from serial.tools import list_ports

from edgekit import paths
from edgekit.boards import Board, identifiers
from edgekit.errors import NoDeviceError

_OUR_NAME = "edgekit"
"""How the names of boards begin over USB, where our firmware runs."""


@dataclass(frozen=True, slots=True)
class UsbPort:
    """A serial port on USB: an adapter, or a board that is its own."""

    port: str
    description: str
    serial_number: str
    usb_id: str = ""
    """VENDOR:PRODUCT, as board files have them."""

    def fits(self, board: Board) -> bool:
        """Whether a board is known by these USB ids; our own firmware also says which of these
        boards it is for."""
        ours, _, name = self.description.partition(" ")
        is_named = ours == _OUR_NAME and name in identifiers()
        return self.usb_id in board.link.usb and (not is_named or name == board.id)

    def __str__(self) -> str:
        number = f", serial number {self.serial_number}" if self.serial_number else ""
        return f"{self.port} ({self.description}{number})"


def usb_ports() -> tuple[UsbPort, ...]:
    """The USB serial ports of this machine; those soldered to it are never a board's."""
    found = (
        UsbPort(
            entry.device,
            entry.description,
            entry.serial_number or "",
            f"{entry.vid:04x}:{entry.pid or 0:04x}",
        )
        for entry in list_ports.comports()
        if entry.vid is not None
    )
    return tuple(sorted(found, key=lambda port: port.port))


def is_usb_port(port: str) -> bool:
    """Whether a port, or what a link like those in ``/dev/serial/by-id`` leads to, is on USB."""
    places = (port, os.path.realpath(port))
    return any(found.port in places for found in usb_ports())


def is_serial_port(port: str) -> bool:
    """Whether this is a serial port of this machine, on USB or not; a pty or a socket is none."""
    return any(entry.device == port for entry in list_ports.comports())


def find_port(board: Board) -> str:
    """The only USB serial port, or the only one with USB ids that the board is known by.

    Nothing is sent to find out who is there: it may be somebody's printer. This machine as a board
    is a program that runs here. Raises `NoDeviceError` when there is no port, or several.
    """
    if board.runs_linux:
        return _agent_port(board)
    found = usb_ports()
    known = [port for port in found if port.fits(board)]
    for fitting in (known, found):
        if len(fitting) == 1:
            return fitting[0].port
    if found:
        listed = "".join(f"\n  {port}" for port in found)
        raise NoDeviceError(
            f"several serial ports could be the {board.name}:{listed}",
            hint="Say which one with --port.",
        )
    wiring = f" ({board.link.wiring})" if board.link.wiring else ""
    raise NoDeviceError(
        f"no USB serial port for the {board.name}",
        hint=f"Plug it in{wiring}.",
    )


def _agent_port(board: Board) -> str:
    if board.link.kind == "ssh":
        raise NoDeviceError(
            f"{board.name} is reached over SSH", hint="Say where: --port ssh://pi@raspberrypi"
        )
    agent = paths.agent_file(board.id)
    if not agent.exists():
        raise NoDeviceError(
            f"no model was put onto {board.name} yet",
            hint=f"edgekit build int8.tflite --board {board.id},"
            f" then edgekit flash --board {board.id}",
        )
    return f"exec://{shlex.join([sys.executable, str(agent)])}"
