"""A serial port that another machine serves: RFC 2217 by pyserial's own server side, one client."""

from __future__ import annotations

import select
import socket
import threading
from types import TracebackType

import serial
from serial.rfc2217 import PortManager


class _Pty(serial.Serial):
    """A pty has no control lines, and its driver says so by errors."""

    cts = dsr = ri = cd = False

    def _update_dtr_state(self) -> None: ...

    def _update_rts_state(self) -> None: ...


class _Wire:
    """What a port manager writes to."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def write(self, data: bytes) -> None:
        self._client.sendall(data)


class Rfc2217Server:
    """Serves the pty `device` at `port`; further clients are hung up on.

    `bauds` are the speeds that were set.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = f"rfc2217://127.0.0.1:{self._listener.getsockname()[1]}"
        self.bauds: list[int] = []
        self._stop = threading.Event()
        self._hang_up = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> Rfc2217Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()

    def hang_up(self) -> None:
        """The client's connection ends, as when the other machine goes down."""
        self._hang_up.set()

    def _serve(self) -> None:
        while not self._stop.is_set():
            if select.select([self._listener], [], [], 0.02)[0]:
                self._hang_up.clear()
                with self._listener.accept()[0] as client, _Pty(self._device, timeout=0) as device:
                    self._pass_on(client, device)

    def _pass_on(self, client: socket.socket, device: _Pty) -> None:
        manager = PortManager(device, _Wire(client))
        while not self._stop.is_set() and not self._hang_up.is_set():
            ready = select.select([self._listener, client, device], [], [], 0.02)[0]
            if self._listener in ready:
                self._listener.accept()[0].close()
            if device in ready:
                client.sendall(b"".join(manager.escape(device.read(4096))))
            if client in ready:
                data = client.recv(4096)
                if not data:
                    return
                device.write(b"".join(manager.filter(data)))
                self.bauds.append(device.baudrate)
