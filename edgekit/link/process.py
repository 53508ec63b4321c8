"""A program's standard input and output as a line: what an agent on this or another machine speaks
over."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import IO

from edgekit.agent.package import BAD_MODEL, BUSY
from edgekit.errors import (
    DeviceError,
    LinkTimeoutError,
    ModelError,
    NoDeviceError,
    PortBusyError,
    ToolError,
)
from edgekit.link.link import Link

_WRITE_TIMEOUT_S = 10.0
_GOODBYE_S = 2.0
"""How long a program may take to end once its input has, before it is made to."""
_READ_BYTES = 1 << 16
_BAUD = 1_000_000
_START_S = 60.0
"""A login, Python and LiteRT take that long on the smallest board with a slow card."""
_SHOWN_BYTES = 2000


class ProcessLink(Link):
    """A running program; it ends with the link.

    `hint` is what to do when it ends by itself.
    """

    def __init__(self, port: str, command: Sequence[str], *, hint: str = "") -> None:
        self.port = port
        self.baud = _BAUD
        self.start_s = _START_S
        self._hint = hint
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (close() closes it)
        try:
            self._process = subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        except OSError as error:
            self._errors.close()
            raise NoDeviceError(
                f"cannot run {command[0]}: {error.strerror}", hint="Check the name after exec://."
            ) from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)

    def read(self, timeout_s: float) -> bytes:
        """See `Link.read`."""
        self._require_open()
        if not select.select([self._out], [], [], max(0.0, timeout_s))[0]:
            return b""
        data = os.read(self._out, _READ_BYTES)
        if not data:
            raise self._gone()
        return data

    def write(self, data: bytes) -> None:
        """See `Link.write`."""
        self._require_open()
        deadline = self.now() + _WRITE_TIMEOUT_S
        while data:
            left_s = max(0.0, deadline - self.now())
            if not select.select([], [self._in], [], left_s)[1]:
                raise LinkTimeoutError(f"{self.port} took no bytes for {_WRITE_TIMEOUT_S:.0f} s")
            try:
                data = data[os.write(self._in, data) :]
            except BlockingIOError:
                continue
            except OSError:
                raise self._gone() from None

    def close(self) -> None:
        """See `Link.close`."""
        if self._errors.closed:
            return
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()
        self._wait()
        self._errors.close()

    def _wait(self) -> int:
        """The exit code, by force if need be."""
        steps: tuple[Callable[[], None], ...] = (
            _nothing,
            self._process.terminate,
            self._process.kill,
        )
        for end in steps:
            end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(_GOODBYE_S)
        raise ToolError(f"the program behind {self.port} cannot be ended")

    def _require_open(self) -> None:
        if self._errors.closed:
            raise NoDeviceError(f"{self.port} is closed")

    def _gone(self) -> DeviceError | ModelError:
        """What became of the program, in its own last words."""
        code = self._wait()
        self._errors.seek(0)
        said = self._errors.read()[-_SHOWN_BYTES:].decode(errors="replace").strip()
        if code == BUSY:
            return PortBusyError(
                said.removeprefix("edgekit: ") or f"{self.port} is held by another client",
                hint="End that client, then try again.",
            )
        if code == BAD_MODEL:
            return ModelError(said.rpartition("edgekit: ")[2])  # LiteRT may have spoken before
        what = f"the program behind {self.port} ended with exit code {code}"
        return NoDeviceError(f"{what}: {said}" if said else what, hint=self._hint)


def _nothing() -> None:
    """A program ends by itself when its input does."""
