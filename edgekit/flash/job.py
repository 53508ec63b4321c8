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

    @property
    def image_bytes(self) -> int:
        """What ends up in the board's flash."""
        return sum(len(data) for _, data in self.image.blocks)


@dataclass(frozen=True, slots=True)
class Flashed:
    """An image that is on its board now.

    `place` is where it went, `checked` how that is known: it was read back, the bootloader took
    all of it and restarted the board, or the new firmware answered.
    """

    method: str
    place: str
    image_bytes: int
    checked: Literal["read back", "restarted", "answered"]
