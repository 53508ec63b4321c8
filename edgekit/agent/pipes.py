"""The two ends that an agent speaks over: its standard input and output, or a serial port."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

_READ_BYTES = 1 << 16
_GONE = b""


class Pipe:
    """Bytes in from one file descriptor, out to another."""

    def __init__(self, source: int, sink: int) -> None:
        self._source, self._sink = source, sink

    def arriving(self) -> Iterator[bytes]:
        """What comes, as it comes, until the host has gone."""
        while True:
            data = os.read(self._source, _READ_BYTES)
            if data == _GONE:
                return
            yield data

    def back_to_standard(self) -> None:
        """Makes these ends standard input and output, for the program that follows this one."""
        os.dup2(self._source, 0)
        os.dup2(self._sink, 1)

    def send(self, data: bytes) -> None:
        """Sends all of it."""
        while data:
            data = data[os.write(self._sink, data) :]


def standard() -> Pipe:
    """Standard input and output; whatever else is printed goes to standard error from now on.

    LiteRT prints: a word of its in the middle of a frame would damage it.
    """
    source, sink = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return Pipe(source, sink)


def serial_port(path: str) -> Pipe:
    """A serial port, or a USB gadget's end of one such as /dev/ttyGS0, without echo or line ends.

    Raises `OSError`.
    """
    import tty

    handle = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(handle)
    return Pipe(handle, handle)
