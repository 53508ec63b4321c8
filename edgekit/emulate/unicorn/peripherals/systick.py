"""SysTick's counter, as a function of the cycle: nothing runs while nobody looks."""

from __future__ import annotations


class SysTick:
    """Counts down by one a cycle; the cycle after 0 it is at the reload value (DDI 0419E B3.3).

    It had `_count` at cycle `_since`, and since then has run or stood still.
    """

    def __init__(self) -> None:
        self._count = 0
        self._since = 0
        self._reload = 0
        self._is_running = False
        self._flag = self._rang = False

    def count(self, now: int) -> int:
        """The count at a cycle."""
        elapsed = now - self._since
        if not self._is_running or elapsed <= self._count:
            return self._count - elapsed * self._is_running
        return self._reload - (elapsed - self._count - 1) % (self._reload + 1)

    def take_flag(self, now: int) -> bool:
        """Whether it has counted to 0 since this was last asked."""
        self._move(now)
        flag, self._flag = self._flag, False
        return flag

    def take_ring(self, now: int) -> bool:
        """Whether it has counted to 0 since this was last asked: its interrupt is then due."""
        self._move(now)
        rang, self._rang = self._rang, False
        return rang

    def next_zero(self, now: int) -> int | None:
        """The cycle at which it will have counted to 0; None while it does not get there."""
        self._move(now)
        if not self._is_running or not self._reload:
            return None
        return now + (self._count or self._reload + 1)

    def clear(self, now: int) -> None:
        """Any write to the count makes it 0, and the flag too."""
        self._move(now)
        self._count, self._flag = 0, False

    def set_reload(self, now: int, value: int) -> None:
        """The count goes on; the new value holds from the next reload."""
        self._move(now)
        self._reload = value

    def set_running(self, now: int, is_running: bool) -> None:
        """Starts or stops; the count stays."""
        self._move(now)
        self._is_running = is_running

    def _move(self, now: int) -> None:
        """Makes `now` the cycle from which to count."""
        elapsed = now - self._since
        if self._is_running:
            first_zero = self._count or self._reload + 1
            reached = self._reload > 0 and elapsed >= first_zero
            self._flag, self._rang = self._flag or reached, self._rang or reached
        self._count, self._since = self.count(now), now
