"""What is known of each engine without loading it: what it needs, counts and cannot do."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from edgekit.boards import Board
from edgekit.errors import BoardError, MissingToolError

QEMU = "qemu-system-arm"
QEMU_NS_PER_INSTRUCTION = 64
"""What ``-icount shift=6`` makes of one instruction: 2^6 ns."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine. With `ns_per_instruction` its boards' clocks tell instructions, not cycles."""

    is_installed: Callable[[], bool]
    install: str
    notes: tuple[str, ...]
    """What every report of its figures must say."""
    ns_per_instruction: int | None = None

    def instructions(self, ticks: int, clock_hz: int) -> int | None:
        """Instructions in so many ticks of the board's clock; None where ticks are cycles.

        The clock ticks at whole multiples of its period, so the result may be one off.
        """
        if self.ns_per_instruction is None:
            return None
        return round(ticks * 1e9 / (clock_hz * self.ns_per_instruction))


def engine_of(board: Board) -> Engine:
    """The engine that a board names, whether it is installed or not.

    Raises `BoardError` for a board without an emulator, or with an engine that is none of ours.
    """
    if board.emulator is None:
        raise BoardError(
            f"there is no emulator for {board.id}", hint="`edgekit boards` says which have one."
        )
    found = _ENGINES.get(board.emulator.engine)
    if found is None:
        raise BoardError(f"there is no emulator engine {board.emulator.engine!r}")
    return found


def require(board: Board) -> None:
    """Raises `MissingToolError`, with the command that installs it, when an engine is missing."""
    engine = engine_of(board)
    if not engine.is_installed():
        raise MissingToolError(f"the emulator of {board.id} is not installed", hint=engine.install)


_ENGINES = {
    # Looked for, not imported: it must not be loaded into this process.
    "unicorn": Engine(
        is_installed=lambda: importlib.util.find_spec("unicorn") is not None,
        install="pip install 'edgekit[emulator]'",
        notes=(
            "Cycles are those of the Cortex-M0+ with zero wait states; misses of the flash cache"
            " (XIP), which a real RP2040 has on top, are not modelled.",
        ),
    ),
    "qemu": Engine(
        is_installed=lambda: shutil.which(QEMU) is not None,
        install="apt-get install qemu-system-arm",
        notes=("Instructions, exactly counted; QEMU knows nothing of cycles or time.",),
        ns_per_instruction=QEMU_NS_PER_INSTRUCTION,
    ),
}
