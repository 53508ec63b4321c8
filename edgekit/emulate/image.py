"""The flash of an emulated board: a file that lasts, as flash does."""

from __future__ import annotations

from pathlib import Path

from edgekit.boards import Board
from edgekit.paths import emulated_flash_image


def flash_image(board: Board) -> Path:
    """Where the contents of a board's emulated flash are kept; the file may not exist yet.

    Its first byte is the one at the flash's base address; what it does not reach is erased.
    """
    return emulated_flash_image(board.id)
