"""What a core asks of the machine around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Surrounding(Protocol):
    """What a core is in: its registers' bus, and what happens when it waits."""

    def read(self, address: int, size: int) -> int:
        """A register access."""

    def write(self, address: int, size: int, value: int) -> None:
        """A register access."""

    def vectors(self) -> int:
        """Where the table of exceptions lies."""

    def interrupt(self, active: Sequence[int]) -> int | None:
        """The exception that is to interrupt the `active` ones now, or None."""

    def taken(self, exception: int) -> None:
        """That exception's handler is about to run."""

    def wait(self) -> None:
        """The code waits for an interrupt."""

    def service(self) -> None:
        """The counter has come to its `service_at`."""

    def bootloader(self) -> None:
        """The boot ROM was called to take new firmware."""

    def fault(self, message: str) -> None:
        """A hard fault, which the firmware's own handler gets."""
