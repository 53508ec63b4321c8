"""Firmware onto a board, real or emulated."""

from __future__ import annotations

from pathlib import Path

from edgekit import artifacts, boards, paths
from edgekit import flash as flasher
from edgekit.artifacts import Firmware
from edgekit.boards import Board
from edgekit.build import agent
from edgekit.flash import Flashed
from edgekit.flows.build import last_build
from edgekit.flows.device import require_one_way
from edgekit.flows.progress import Progress, silent


def flash(
    firmware: Path | None,
    board_id: str,
    *,
    port: str | None = None,
    emulate: bool = False,
    drive: Path | None = None,
    serial: str | None = None,
    method: str | None = None,
    progress: Progress = silent,
) -> Flashed:
    """Puts a firmware file, or the one of a folder, or the last build for the board, onto it.

    Raises as `edgekit.flash.flash`, and `InputError` when there is no build to take.
    """
    board = boards.load(board_id)
    require_one_way(board, port=port, emulate=emulate)
    place = firmware if firmware is not None else last_build(board_id)
    return flasher.flash(
        place / _file_for(board) if place.is_dir() else place,
        board,
        emulate=emulate,
        port=port,
        drive=drive,
        serial=serial,
        method=method,
        progress=lambda done, total: progress("flashing", done, total),
    )


def put_on_linux(folder: Path, board: Board, port: str | None, progress: Progress) -> None:
    """Copies a build to a board that runs Linux."""
    flash(folder, board.id, port=port, progress=progress)


def _file_for(board: Board) -> str:
    if board.runs_linux:
        return agent.FILE
    return "firmware.bin" if board.flash.family is None else "firmware.uf2"


def flash_emulated(folder: Path, board: Board, progress: Progress) -> bool:
    """Flashes a build into the emulated board unless it is there already; whether it was not."""
    record = artifacts.load(Firmware, folder / "firmware.json")
    place = paths.emulated_flash_image(board.id)
    image = (folder / record.bin).read_bytes()
    if place.is_file() and place.read_bytes()[: len(image)] == image:
        return False
    flash(folder, board.id, emulate=True, progress=progress)
    return True
