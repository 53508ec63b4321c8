"""The serial ports of this machine, and the one that a board is likely on."""

from __future__ import annotations

from dataclasses import dataclass

from serial.tools import list_ports

from edgekit.boards import Board
from edgekit.errors import NoDeviceError


@dataclass(frozen=True, slots=True)
class UsbPort:
    """A serial port on USB: an adapter, or a board that is its own."""

    port: str
    description: str
    serial_number: str

    def __str__(self) -> str:
        number = f", serial number {self.serial_number}" if self.serial_number else ""
        return f"{self.port} ({self.description}{number})"


def usb_ports() -> tuple[UsbPort, ...]:
    """The USB serial ports of this machine; those soldered to it are never a board's."""
    found = (
        UsbPort(entry.device, entry.description, entry.serial_number or "")
        for entry in list_ports.comports()
        if entry.vid is not None
    )
    return tuple(sorted(found, key=lambda port: port.port))


def is_serial_port(port: str) -> bool:
    """Whether this is a serial port of this machine, on USB or not; a pty or a socket is none."""
    return any(entry.device == port for entry in list_ports.comports())


def find_port(board: Board) -> str:
    """The only USB serial port.

    Nothing is sent to find out who is there: it may be somebody's printer. Raises `NoDeviceError`
    when there is none, or several.
    """
    found = usb_ports()
    if len(found) == 1:
        return found[0].port
    if found:
        listed = "".join(f"\n  {port}" for port in found)
        raise NoDeviceError(
            f"several serial ports could be the {board.name}:{listed}",
            hint="Say which one with --port.",
        )
    wiring = f" ({board.link.wiring})" if board.link.wiring else ""
    raise NoDeviceError(
        f"no USB serial port for the {board.name}",
        hint=f"Plug it in{wiring}, or use --emulate.",
    )
