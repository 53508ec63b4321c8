"""How long firmware may give no sign of life before its watchdog restarts the board."""

from __future__ import annotations

from edgekit.artifacts import CompiledModel
from edgekit.boards import Board
from edgekit.boards.pace import longest_s

_LEAST_S = 2.0
"""For whatever is no multiplication: a layer that moves data, a checksum, a reply on the line."""
_MOST_S = 120.0
"""No layer of a model that fits takes longer; and it keeps every chip's countdown in 32 bits."""


def defines(compiled: CompiledModel, board: Board) -> dict[str, str]:
    """What `ek_config.h` says: the firmware feeds its watchdog between the steps of a model."""
    slowest = max((step.macs for step in compiled.steps), default=0)
    patience_s = min(_MOST_S, _LEAST_S + longest_s(slowest, board.cpu.clock_hz))
    return {"EK_WATCHDOG_MS": f"{round(patience_s * 1000)}U"}
