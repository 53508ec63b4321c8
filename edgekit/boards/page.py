"""`docs/boards.md`: the table of boards, made from the board files."""

from __future__ import annotations

from edgekit.boards.loader import identifiers, load
from edgekit.boards.schema import Board
from edgekit.units import format_count

_HEADER = """\
# Boards

Generated from `boards/*.toml`; do not edit. One file per board, checked by `tests/boards`.

| id | board | core | clock | flash | RAM (reserved) | flashed by | link | emulator |
|---|---|---|---|---|---|---|---|---|
"""


def render() -> str:
    """The whole page, in Markdown."""
    return _HEADER + "".join(_row(load(board)) for board in identifiers())


def _row(board: Board) -> str:
    cores = f"{board.cpu.cores} × " if board.cpu.cores > 1 else ""
    cells = (
        f"`{board.id}`",
        f"[{board.name}]({board.source})",
        f"{cores}{board.core.name}",
        f"{format_count(board.cpu.clock_hz)}Hz",
        board.memory.flash.size,
        f"{board.memory.ram.size} ({board.memory.ram.reserve})",
        board.flash.method,
        f"{board.link.kind}, {board.link.baud} baud",
        board.emulator.engine if board.emulator else "–",
    )
    return f"| {' | '.join(cells)} |\n"
