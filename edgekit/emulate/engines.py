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
    """An engine, or what it is for one of its machines.

    With `ns_per_instruction` its boards' clocks tell instructions, not cycles; with
    `counts_instructions` they tick once for each.
    """

    is_installed: Callable[[], bool]
    install: str
    notes: tuple[str, ...]
    """What every report of its figures must say."""
    ns_per_instruction: int | None = None
    counts_instructions: bool = False
    has_usb: bool = False
    """Whether it emulates a USB socket, of boards whose firmware has a serial port there."""

    def instructions(self, ticks: int, clock_hz: int) -> int | None:
        """Instructions in so many ticks of the board's clock; None where ticks are cycles.

        The clock ticks at whole multiples of its period, so the result may be one off.
        """
        if self.counts_instructions:
            return ticks
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
    name = board.emulator.engine
    found = _ENGINES.get(f"{name}/{board.emulator.machine}") or _ENGINES.get(name)
    if found is None:
        raise BoardError(f"there is no emulator engine {name!r}")
    return found


def require(board: Board) -> None:
    """Raises `MissingToolError`, with the command that installs it, when an engine is missing."""
    engine = engine_of(board)
    if not engine.is_installed():
        raise MissingToolError(f"the emulator of {board.id} is not installed", hint=engine.install)


def _has_unicorn() -> bool:
    """Looked for, not imported: it must not be loaded into this process."""
    return importlib.util.find_spec("unicorn") is not None


_ENGINES = {
    "unicorn": Engine(
        is_installed=_has_unicorn,
        install="pip install 'edgekit[emulator]'",
        has_usb=True,
        notes=(
            "Cycles are those of the Cortex-M0+ with zero wait states; misses of the flash cache"
            " (XIP), which a real RP2040 has on top, are not modelled.",
        ),
    ),
    "unicorn/rp2350": Engine(
        is_installed=_has_unicorn,
        install="pip install 'edgekit[emulator]'",
        notes=(
            "Instructions, exactly counted: the emulated Cortex-M33's counter of cycles goes on by"
            " one for each, whatever it would take. With both cores it is core 0's count, which"
            " goes on with core 1's while it waits for that.",
        ),
        counts_instructions=True,
        has_usb=True,
    ),
    "qemu": Engine(
        is_installed=lambda: shutil.which(QEMU) is not None,
        install="apt-get install qemu-system-arm",
        notes=("Instructions, exactly counted; QEMU knows nothing of cycles or time.",),
        ns_per_instruction=QEMU_NS_PER_INSTRUCTION,
    ),
}
