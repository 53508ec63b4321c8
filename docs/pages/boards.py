"""The boards that edgekit knows: from boards/*.toml."""

from __future__ import annotations

from edgekit import boards
from edgekit.boards import Board
from edgekit.units import format_bytes

_HEAD = """# Boards

One file each in [boards/](../boards); `edgekit boards ID` prints one.

| id | board | core | clock | flash | RAM | of it for the model | firmware | how to flash | emulated by |
|---|---|---|---|---|---|---|---|---|---|
"""


def text() -> str:
    """The page."""
    return _HEAD + "\n".join(_row(boards.load(name)) for name in boards.identifiers())


def _row(board: Board) -> str:
    ram = board.memory.ram
    cells = [
        f"`{board.id}`",
        f"[{board.name}]({board.source})",
        f"{board.cpu.cores} × {board.cpu.core}",
        f"{board.cpu.clock_hz / 1e6:g} MHz",
        format_bytes(board.memory.flash.size_bytes),
        format_bytes(ram.size_bytes),
        format_bytes(ram.size_bytes - ram.reserve_bytes),
        _firmware(board),
        ", ".join((board.flash.method, *board.flash.others)),
        board.emulator.engine if board.emulator else "–",
    ]
    return f"| {' | '.join(cells)} |"


def _firmware(board: Board) -> str:
    if board.runs_linux:
        return "[agent](raspberry_pi.md)"
    return f"`{board.template}`" if board.template else "export only"
