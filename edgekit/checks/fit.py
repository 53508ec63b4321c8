"""Whether a model fits a board, before anything is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgekit.artifacts import Finding
from edgekit.boards import Board
from edgekit.errors import DoesNotFitError
from edgekit.units import format_bytes

_HINT = "A smaller width (alpha) saves flash, a smaller input resolution saves RAM."


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model takes at least: RAM for its arena, flash for its constants."""

    ram_bytes: int
    flash_bytes: int


def fit(name: str, needs: Needs, board: Board) -> Iterator[Finding]:
    """The model's arena fits the board's RAM beside the stack, and its weights fit the flash."""
    memory = board.memory
    for kind, needed, room in (
        ("RAM", needs.ram_bytes, memory.ram.available_bytes),
        ("flash", needs.flash_bytes, memory.flash.size_bytes),
    ):
        if needed > room:
            yield Finding(
                rule="fit",
                severity="error",
                where=name,
                message=f"needs {format_bytes(needed)} of {kind}, {board.id} has "
                f"{format_bytes(room)}: {format_bytes(needed - room)} too much",
                hint=_HINT,
            )


def require_room(name: str, needs: Needs, board: Board) -> None:
    """Raises `DoesNotFitError` with every memory that is too small."""
    problems = [finding.message for finding in fit(name, needs, board)]
    if problems:
        raise DoesNotFitError(
            "\n  ".join([f"{name} does not fit on {board.name}", *problems]), hint=_HINT
        )
