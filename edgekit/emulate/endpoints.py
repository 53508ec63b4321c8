"""The host's end of an emulated serial line: a TCP port or a pty, served without ever blocking.

Clients come and go. Bytes that nobody takes are kept up to a limit, then dropped, oldest first:
a UART does not wait for its reader.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

LinkKind = Literal["tcp", "pty", "usb"]
"""``usb`` is a pty at the other end of the board's USB cable, for engines that have one."""

_PENDING_LIMIT = 1 << 20
_OUTPUT_SPEED = 5  # among what termios.tcgetattr gives
_CHUNK = 1 << 16
_TOUCH_BAUD = 1200
_BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1000000)


class Endpoint(ABC):
    """One serial line. `port` is what pyserial opens."""

    port: str

    def __init__(self) -> None:
        self._pending = bytearray()

    def send(self, data: bytes) -> None:
        """Sends bytes to the client, now or as soon as it takes them."""
        self._pending += data
        del self._pending[: max(len(self._pending) - _PENDING_LIMIT, 0)]
        self.flush()

    def flush(self) -> None:
        """Sends what is still to be sent, as far as the client takes it."""
        while self._pending:
            sent = self._write(bytes(self._pending[:_CHUNK]))
            if not sent:
                return
            del self._pending[:sent]

    def wait(self, timeout_s: float, also: Sequence[int] = ()) -> None:
        """Returns when something may have come, here or from `also`, or the time is over."""
        writable = self._writing() if self._pending else []
        select.select([*self._reading(), *also], writable, [], timeout_s)
        self.flush()

    @abstractmethod
    def receive(self) -> bytes:
        """Bytes that have come; empty when there are none."""

    def was_touched(self) -> bool:
        """Whether a client has set the line to 1200 baud since the last call: the wish, among
        boards with a serial port of their own, that they go into their bootloader."""
        return False

    @property
    def is_open(self) -> bool:
        """Whether somebody is there to listen, as far as can be told."""
        return True

    @property
    def baud(self) -> int | None:
        """The speed that the client has set; None where lines have none."""
        return None

    def reading(self) -> list[int]:
        """By which descriptors `wait` knows that something has come: for another's `also`."""
        return self._reading()

    @abstractmethod
    def close(self) -> None:
        """Ends the line."""

    @abstractmethod
    def _write(self, data: bytes) -> int:
        """How many of the bytes could be sent."""

    @abstractmethod
    def _reading(self) -> list[int]: ...

    @abstractmethod
    def _writing(self) -> list[int]: ...


class TcpEndpoint(Endpoint):
    """A port on the loopback interface, one client at a time; others are turned away."""

    def __init__(self) -> None:
        super().__init__()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._client: socket.socket | None = None
        self.port = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def is_open(self) -> bool:
        """See `Endpoint.is_open`."""
        return self._client is not None

    def receive(self) -> bytes:
        """See `Endpoint.receive`."""
        data = self._read()
        if not data:
            self._accept()
        return data

    def close(self) -> None:
        """See `Endpoint.close`."""
        self._drop()
        self._listener.close()

    def _read(self) -> bytes:
        if self._client is None:
            return b""
        try:
            data = self._client.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._drop()
        return data

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # nobody
            return
        if self._client is not None:
            client.close()
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None
        self._pending.clear()

    def _write(self, data: bytes) -> int:
        if self._client is None:
            return len(data)  # the wire ends in the air
        try:
            return self._client.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._drop()
            return 0

    def _reading(self) -> list[int]:
        return [self._listener.fileno(), *self._writing()]

    def _writing(self) -> list[int]:
        return [] if self._client is None else [self._client.fileno()]


class PtyEndpoint(Endpoint):
    """A pseudo-terminal in raw mode. The slave is kept open: without any reader the master would
    only give errors until the next one comes."""

    def __init__(self) -> None:
        super().__init__()
        import tty  # POSIX only, like ptys

        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.port = os.ttyname(self._slave)
        self._was_slow = False

    @property
    def baud(self) -> int | None:
        """See `Endpoint.baud`; a pty keeps the speed when the client has gone."""
        import termios

        speed = termios.tcgetattr(self._slave)[_OUTPUT_SPEED]
        return next((baud for baud in _BAUDS if speed == getattr(termios, f"B{baud}", -1)), None)

    def was_touched(self) -> bool:
        """See `Endpoint.was_touched`."""
        is_slow = self.baud == _TOUCH_BAUD
        touched = is_slow and not self._was_slow
        self._was_slow = is_slow
        return touched

    def receive(self) -> bytes:
        """See `Endpoint.receive`; who talks at another speed may touch again afterwards."""
        try:
            data = os.read(self._master, _CHUNK)
        except OSError:
            return b""
        self._was_slow = self._was_slow and self.baud == _TOUCH_BAUD
        return data

    def close(self) -> None:
        """See `Endpoint.close`."""
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._master, data)
        except OSError:  # full
            return 0

    def _reading(self) -> list[int]:
        return [self._master]

    def _writing(self) -> list[int]:
        return [self._master]


class UnconnectedEndpoint(Endpoint):
    """A line whose wires end in the air."""

    port = ""

    def receive(self) -> bytes:
        """See `Endpoint.receive`."""
        return b""

    def close(self) -> None:
        """See `Endpoint.close`."""

    def _write(self, data: bytes) -> int:
        return len(data)

    def _reading(self) -> list[int]:
        return []

    def _writing(self) -> list[int]:
        return []


def open_endpoint(link: LinkKind) -> Endpoint:
    """A new line of that kind."""
    return TcpEndpoint() if link == "tcp" else PtyEndpoint()
