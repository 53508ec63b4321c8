"""How a long piece of work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the stage in words, the steps done, and the steps in all (0 when not known)."""


def silent(stage: str, done: int, total: int) -> None:
    """Tells nobody."""
