"""Whether code looks at the same thing over and over."""

from __future__ import annotations

from edgekit.emulate.unicorn.counter import Counter

_LOOKS = 16
_BLOCKS = 4
"""A loop that does nothing else has no more."""


class Spinning:
    """Counts looks that follow one another closely, on one core."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._last = self._looks = 0

    def again(self) -> bool:
        """Notes a look; whether many came before it and nothing else."""
        entered = self._counter.entered
        self._looks = self._looks + 1 if entered - self._last <= _BLOCKS else 0
        self._last = entered
        return self._looks > _LOOKS
