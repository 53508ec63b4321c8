"""What a flashing method is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edgekit.boards import Board
from edgekit.boards.uf2 import Uf2

Progress = Callable[[int, int], None]
"""Hears (bytes written, bytes in all)."""


@dataclass(frozen=True, slots=True)
class Job:
    """A checked image for a board, and what the user said of the way to it."""

    file: bytes
    """The UF2 file as it lies on disk."""
    image: Uf2
    board: Board
    port: str | None
    drive: Path | None
    timeout_s: float
    progress: Progress
    serial: str | None = None
    """The serial number of the board, or of its debug probe, when several are plugged in."""

    @property
    def image_bytes(self) -> int:
        """What ends up in the board's flash."""
        return sum(len(data) for _, data in self.image.blocks)

    @property
    def address(self) -> int:
        """Where the image begins."""
        return self.image.blocks[0][0]

    def flat(self) -> bytes:
        """The image in one piece from `address` on; gaps as erased flash has them."""
        flat = bytearray()
        for address, data in self.image.blocks:
            flat += b"\xff" * (address - self.address - len(flat)) + data
        return bytes(flat)

    @property
    def chip(self) -> dict[str, str]:
        """What each method calls the board's chip."""
        return self.board.flash.names


@dataclass(frozen=True, slots=True)
class Flashed:
    """An image that is on its board now.

    `place` is where it went, `checked` how that is known: it was read back (by us, or by the
    program that wrote it), the bootloader took all of it and restarted the board, or the new
    firmware answered.
    """

    method: str
    place: str
    image_bytes: int
    checked: Literal["read back", "restarted", "answered"]
