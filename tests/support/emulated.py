"""Models on emulated boards."""

from __future__ import annotations

from pathlib import Path

from edgekit import emulate
from edgekit.boards import Board
from edgekit.build import firmware
from edgekit.codegen import aot


def flash(board: Board, model: bytes, folder: Path) -> None:
    """Builds a model's firmware for a board and puts it into its emulated flash."""
    compiled = aot.generate(model, "net", folder / "c", kernels=board.kernels)
    firmware.build(compiled, folder / "c", board, folder, compiler="auto")
    emulate.flash_image(board).parent.mkdir(parents=True, exist_ok=True)
    emulate.flash_image(board).write_bytes((folder / "firmware.bin").read_bytes())
