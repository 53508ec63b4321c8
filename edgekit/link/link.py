"""What every way to a board offers: bytes out, bytes in, and a clock to wait by."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from types import TracebackType
from typing import TypeVar

AnyLink = TypeVar("AnyLink", bound="Link")


class Link(ABC):
    """A pipe of bytes to one board, held by nobody else until it is closed.

    `port` is what the user calls it, `baud` the speed of the slowest part of the line.
    """

    port: str
    baud: int
    start_s: float = 0.0
    """How much longer the first answer may take: the other side may still be starting."""

    @abstractmethod
    def read(self, timeout_s: float) -> bytes:
        """What has arrived, as soon as anything has; nothing when `timeout_s` passed before.

        Raises `NoDeviceError` when the board was unplugged.
        """

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Sends all bytes.

        Raises `NoDeviceError` when the board was unplugged, and `LinkTimeoutError` when the line
        takes no more bytes.
        """

    @abstractmethod
    def close(self) -> None:
        """Lets go of the port. Closing twice does no harm."""

    def now(self) -> float:
        """Seconds on the clock that `read` waits by."""
        return time.monotonic()

    def __enter__(self: AnyLink) -> AnyLink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
