"""The boards that edgekit knows: from boards/*.toml."""

from __future__ import annotations

from pathlib import Path

import msgspec

from edgekit import boards
from edgekit.boards import Board
from edgekit.units import format_bytes, format_grouped

_HEAD = """# Boards

One file each in [boards/](../boards); `edgekit boards ID` prints one.

| id | board | core | clock | flash | RAM | for the model | firmware | how to flash | emulated by |
|---|---|---|---|---|---|---|---|---|---|
"""


_SIZES = Path(__file__).parents[2] / "benchmarks" / "firmware.json"
_SIZES_HEAD = """

## Firmware without a model

Start-up, both protocols and drivers, in bytes (`benchmarks/firmware.py`). RAM is beside the stack
and the model's arena.

| id | gcc: flash | RAM | zig: flash | RAM |
|---|---|---|---|---|
"""


def text() -> str:
    """The page."""
    table = "\n".join(_row(boards.load(name)) for name in boards.identifiers())
    return _HEAD + table + _SIZES_HEAD + "\n".join(_sizes())


def _sizes() -> list[str]:
    found: dict[str, list[str]] = {}
    for size in msgspec.json.decode(_SIZES.read_bytes()):
        cells = found.setdefault(size["board"], [f"`{size['board']}`"])
        cells += [format_grouped(size[key]) for key in ("flash_bytes", "ram_bytes")]
    return [f"| {' | '.join(cells)} |" for cells in found.values()]


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
    return f"`{board.template}`" if board.template else "C sources only"
