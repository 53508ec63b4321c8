"""What counts cycles: the interface that the Python and the native counter share."""

from __future__ import annotations

from typing import Any, Protocol

from edgekit.emulate.unicorn.blocks import Block

NEVER = 1 << 63


class Host(Protocol):
    """What a counter asks of the machine that it counts for. Neither call may raise."""

    def measure(self, address: int, size: int) -> Block | None:
        """The block of `size` bytes at `address`, which is new, or has changed in memory.

        None when it is not to be run and counted: the machine stops instead.
        """

    def service(self) -> None:
        """Called when `cycles` has reached `service_at`."""


class Counter(Protocol):
    """Counts while code runs, a block at a time: at a block's entry, all of it counts as run."""

    kind: str
    service_at: int

    @property
    def cycles(self) -> int:
        """Cycles so far."""

    @property
    def instructions(self) -> int:
        """Instructions so far."""

    @property
    def current(self) -> int:
        """The address of the block being run."""

    @property
    def entered(self) -> int:
        """How many blocks have been entered: tells one run of a block from the next."""

    def add(self, cycles: int) -> None:
        """Counts cycles that no block accounts for; takes them back when negative."""

    def attach(self, engine: Any) -> None:
        """Hooks itself into a Unicorn engine."""

    def forget(self) -> None:
        """Measures every block anew."""

    def interrupt(self) -> None:
        """Control went elsewhere by no branch: the last block's branch was not taken."""
