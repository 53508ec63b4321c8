"""Whether code looks at the same thing over and over."""

from __future__ import annotations

from edgekit.emulate.unicorn.counter import Counter

_LOOKS = 16
_BLOCKS = 4
"""A loop that does nothing else has no more."""
_IDLE_LOOKS = 64
_IDLE_BLOCKS = 64
"""The firmware's loop around its waiting, with all that it looks after."""


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


class Idling:
    """Counts looks at the clock from one place in the code, each as many blocks after the last:
    what a firmware does that waits for its next byte, and no code that gets anywhere."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._place = self._last = self._blocks = self._looks = 0

    def again(self) -> bool:
        """Notes a look; whether many came before it in the same way."""
        place, entered = self._counter.current, self._counter.entered
        blocks, self._last = entered - self._last, entered
        is_same = (place, blocks) == (self._place, self._blocks) and blocks <= _IDLE_BLOCKS
        self._place, self._blocks = place, blocks
        self._looks = self._looks + 1 if is_same else 0
        return self._looks > _IDLE_LOOKS
