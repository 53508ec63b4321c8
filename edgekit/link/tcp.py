"""A TCP connection: an emulated board, or a serial port that another machine serves."""

from __future__ import annotations

import select
import socket
from urllib.parse import urlsplit

from edgekit.errors import (
    DeviceError,
    InputError,
    LinkTimeoutError,
    NoDeviceError,
    PortBusyError,
)
from edgekit.link.holders import clients
from edgekit.link.link import Link

SCHEMES = ("socket", "tcp")

_CONNECT_TIMEOUT_S = 5.0
_WRITE_TIMEOUT_S = 5.0
_READ_BYTES = 1 << 16


def open_port(port: str, baud: int) -> Link:
    """Connects to ``socket://host:port``; see `edgekit.link.open_link`.

    Clients on other machines cannot be known: whoever serves one hangs up on the next, and that is
    told when nothing was heard before.
    """
    host, number = address(port)
    try:
        connection = socket.create_connection((host, number), timeout=_CONNECT_TIMEOUT_S)
    except OSError as error:
        raise NoDeviceError(
            f"nothing answers at {port}: {error.strerror or error}",
            hint="Start the board or its emulator first (`edgekit emulator list`).",
        ) from None
    others = clients(host, number, but=connection.getsockname()[:2])
    if others:
        connection.close()
        raise busy(port, others)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(_WRITE_TIMEOUT_S)
    return TcpLink(port, baud, connection)


def busy(port: str, others: tuple[str, ...]) -> PortBusyError:
    """Other processes of this machine are connected already, and a board listens to one."""
    return PortBusyError(
        f"{port} is held by {' and '.join(others)}", hint="End that process, then try again."
    )


def address(port: str) -> tuple[str, int]:
    """Host and number in ``scheme://host:number``. Raises `InputError`."""
    scheme = port.partition("://")[0]
    try:
        parts = urlsplit(port)
        host, number = parts.hostname, parts.port
    except ValueError:
        host, number = None, None
    if not host or not number:
        raise InputError(f"{port!r} is not an address", hint=f"Write it like {scheme}://host:4000.")
    return host, number


class TcpLink(Link):
    """An open TCP connection."""

    def __init__(self, port: str, baud: int, connection: socket.socket) -> None:
        self.port = port
        self.baud = baud
        self._connection = connection
        self._heard = False

    def read(self, timeout_s: float) -> bytes:
        """See `Link.read`."""
        try:
            if not select.select([self._connection], [], [], max(0.0, timeout_s))[0]:
                return b""
            data = self._connection.recv(_READ_BYTES)
        except (OSError, ValueError) as error:  # ValueError: closed meanwhile
            raise self._gone(str(error)) from None
        if not data:
            raise self._gone("the other side closed the connection")
        self._heard = True
        return data

    def write(self, data: bytes) -> None:
        """See `Link.write`."""
        try:
            self._connection.sendall(data)
        except TimeoutError:
            raise LinkTimeoutError(
                f"{self.port} took no bytes for {_WRITE_TIMEOUT_S:.0f} s"
            ) from None
        except OSError as error:
            raise self._gone(error.strerror or str(error)) from None

    def close(self) -> None:
        """See `Link.close`."""
        self._heard = True  # whatever fails from now on, nobody else is to blame
        self._connection.close()

    def _gone(self, why: str) -> DeviceError:
        if not self._heard:
            return PortBusyError(
                f"{self.port} hung up before a word: it is likely held by another client",
                hint="End that client, then try again.",
            )
        return NoDeviceError(
            f"{self.port} went away: {why}", hint="Start the board or its emulator again."
        )
