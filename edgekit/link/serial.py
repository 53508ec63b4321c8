"""Serial ports and ptys, through pyserial."""

from __future__ import annotations

import contextlib
import errno
import os
import time

import serial
from serial import rfc2217

from edgekit.errors import (
    DeviceError,
    EdgekitError,
    InputError,
    LinkTimeoutError,
    NoDeviceError,
    PortBusyError,
)
from edgekit.link.holders import holders
from edgekit.link.link import Link
from edgekit.link.ports import is_usb_port

SCHEMES = ("",)

POLL_S = 0.05
"""How long one read of pyserial waits; a byte that comes earlier ends it at once."""
_WRITE_TIMEOUT_S = 5.0
_RETURN_S = 3.0
"""A board restarts in milliseconds; systems take a second to notice that it has."""
_BUSY = (errno.EBUSY, errno.EAGAIN, errno.EACCES)
_NOT_A_PORT = (errno.ENOTTY, errno.EINVAL, errno.EISDIR)


def open_port(port: str, baud: int) -> Link:
    """Opens a port for us alone; see `edgekit.link.open_link`."""
    try:
        device = serial.serial_for_url(
            port, baudrate=baud, timeout=POLL_S, write_timeout=_WRITE_TIMEOUT_S, exclusive=True
        )
    except ValueError as error:  # pyserial's word for a speed or an address it cannot have
        raise InputError(f"cannot open {port} at {baud} baud: {error}") from None
    except OSError as error:
        raise _cannot_open(port, error) from None
    kind = UsbSerialLink if is_usb_port(port) else SerialLink
    return kind(port, baud, device)


class SerialLink(Link):
    """An open serial port; `lost_hint` is what to do when it goes away."""

    lost_hint = "Plug the board in again, and check the cable."

    def __init__(self, port: str, baud: int, device: serial.Serial | rfc2217.Serial) -> None:
        self.port = port
        self.baud = baud
        self._device = device

    def read(self, timeout_s: float) -> bytes:
        """See `Link.read`."""
        deadline = self.now() + timeout_s
        try:
            while True:
                data = bytes(self._device.read(max(1, self._device.in_waiting)))
                if data or self.now() >= deadline:
                    return data
        except (OSError, TypeError) as error:  # TypeError: pyserial, when closed meanwhile
            self._recover(error)
            return b""

    def write(self, data: bytes) -> None:
        """See `Link.write`."""
        try:
            self._device.write(data)
        except serial.SerialTimeoutException:
            raise LinkTimeoutError(
                f"{self.port} took no bytes for {_WRITE_TIMEOUT_S:.0f} s",
                hint="Unplug the board and plug it in again.",
            ) from None
        except OSError as error:
            self._recover(error)

    def close(self) -> None:
        """See `Link.close`."""
        self._device.close()

    def _recover(self, error: Exception) -> None:
        """What to do when the port has failed: a port that went away does not come back."""
        raise NoDeviceError(f"{self.port} went away: {error}", hint=self.lost_hint) from None


class UsbSerialLink(SerialLink):
    """A port on USB, which goes away while a board with one of its own restarts.

    What was under way is lost then, as bytes on a line are; who speaks frames sends it again.
    """

    def _recover(self, error: Exception) -> None:
        """Waits until the port is back, a few seconds at most."""
        deadline = self.now() + _RETURN_S
        self._device.close()
        while self.now() < deadline:
            time.sleep(POLL_S)
            with contextlib.suppress(OSError):
                self._device.open()
                return
        super()._recover(error)


def _cannot_open(port: str, error: OSError) -> EdgekitError:
    code = error.errno or _code_in(str(error))
    if code == errno.EACCES and "exclusively lock" not in str(error):
        return DeviceError(
            f"no permission to open {port}",
            hint="Join the port's group (sudo usermod -aG dialout $USER) and log in again.",
        )
    if code in _BUSY or "denied" in str(error).lower():  # Windows: "Access is denied."
        return _busy(port)
    if code in _NOT_A_PORT:
        return InputError(f"{port} is not a serial port")
    return NoDeviceError(
        f"cannot open {port}: {_words(error, code)}",
        hint="Plug the board in; `edgekit doctor` lists the serial ports.",
    )


def _words(error: OSError, code: int | None) -> str:
    """The system's words; pyserial's have the port and the number in them again."""
    return os.strerror(code) if code else error.strerror or str(error)


def _code_in(text: str) -> int | None:
    # pyserial wraps termios.error, number and all, into its message.
    return next((code for code in _NOT_A_PORT if f"({code}, " in text), None)


def _busy(port: str) -> PortBusyError:
    who = " and ".join(holders(port)) or "another process"
    return PortBusyError(f"{port} is held by {who}", hint="End that process, then try again.")
