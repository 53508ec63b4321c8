"""What an emulated chip takes from the board's file."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.boards import Board
from edgekit.emulate.unicorn.chips import kind_of
from edgekit.emulate.unicorn.chips.kind import Kind
from edgekit.emulate.unicorn.memory import Layout


@dataclass(frozen=True, slots=True)
class Given:
    """What the board's file gives."""

    kind: Kind
    flash_bytes: int
    ram_base: int
    ram_bytes: int
    baud: int

    @classmethod
    def of(cls, board: Board) -> Given:
        """What a board's file says."""
        memory = board.memory
        return cls(
            kind=kind_of(board.emulator.machine if board.emulator else None),
            flash_bytes=memory.flash.size_bytes,
            ram_base=memory.ram.base,
            ram_bytes=memory.ram.size_bytes,
            baud=board.link.baud,
        )

    def layout(self) -> Layout:
        """Of the memories."""
        return Layout(
            rom_bytes=self.kind.rom.size_bytes,
            flash_windows=self.kind.addresses.flash,
            flash_bytes=self.flash_bytes,
            ram_base=self.ram_base,
            ram_bytes=self.ram_bytes,
        )
