"""A serial port that another machine serves, through pyserial: ``rfc2217://host:port``."""

from __future__ import annotations

import socket

from serial import rfc2217

from edgekit.errors import DeviceError, InputError, NoDeviceError
from edgekit.link.holders import clients
from edgekit.link.link import Link
from edgekit.link.serial import POLL_S, SerialLink
from edgekit.link.tcp import address, busy

SCHEMES = ("rfc2217",)

_UNREACHED = "Could not open port"
"""How pyserial begins when there is no connection; all else comes after one."""


def open_port(port: str, baud: int) -> Link:
    """Connects and sets the speed over there; see `edgekit.link.open_link`."""
    host, number = address(port)
    try:
        device = _Device(port, baudrate=baud, timeout=POLL_S)
    except ValueError as error:
        raise InputError(f"cannot open {port} at {baud} baud: {error}") from None
    except OSError as error:
        raise _cannot_open(port, host, number, str(error)) from None
    return RemoteLink(port, baud, device)


class _Device(rfc2217.Serial):
    def close(self) -> None:
        """As pyserial's, which leaves the socket open when the other side has hung up."""
        connection: socket.socket | None = vars(self)["_socket"]
        super().close()
        if connection is not None:
            connection.close()


class RemoteLink(SerialLink):
    """An open port of another machine. Bytes that it does not take for 5 s end the connection."""

    lost_hint = "Start the server there again, and check the network."


def _cannot_open(port: str, host: str, number: int, words: str) -> DeviceError:
    if words.startswith(_UNREACHED):
        return NoDeviceError(
            f"nothing answers at {port}: {words.rpartition(': ')[2]}",
            hint="Start an RFC 2217 server there, such as ser2net.",
        )
    others = clients(host, number)
    if others:
        return busy(port, others)
    return NoDeviceError(
        f"{port} took the connection and does not speak RFC 2217",
        hint="Another client may hold it; or it is a plain TCP server: try socket://.",
    )
