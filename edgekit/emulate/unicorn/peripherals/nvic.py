"""Which exceptions wait for the processor, and which of them comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable

PENDSV, SYSTICK, FIRST_INTERRUPT = 14, 15, 16
NO_PRIORITY = 0x100
"""Below every priority that an exception can have: that of code outside of handlers."""
_HARD_FAULT = 3

Line = Callable[[], bool]
"""Whether a peripheral asks for its interrupt at this moment."""


class Nvic:
    """Pending, enabled and priority of interrupts, PendSV and SysTick (DDI 0419E and 0553, B3).

    An interrupt is pending while its peripheral's line is up, or once it was pended by hand.
    """

    def __init__(self) -> None:
        self._lines: dict[int, Line] = {}
        self._enabled: set[int] = {PENDSV, SYSTICK}
        self._pended: set[int] = set()
        self._priorities: dict[int, int] = {}

    def connect(self, interrupt: int, line: Line) -> None:
        """Wires a peripheral's line to the interrupt of that number."""
        self._lines[FIRST_INTERRUPT + interrupt] = line

    def pend(self, number: int) -> None:
        """An exception waits from now on."""
        self._pended.add(number)

    def unpend(self, number: int) -> None:
        """It waits no more, unless its line is up."""
        self._pended.discard(number)

    def is_pending(self, number: int) -> bool:
        """Whether an exception waits, enabled or not."""
        line = self._lines.get(number)
        return number in self._pended or (line is not None and line())

    def next(self, active: Iterable[int]) -> int | None:
        """The exception that interrupts the `active` ones now, or None. Lower numbers come first
        among equal priorities."""
        running = min((self._priority(number) for number in active), default=NO_PRIORITY)
        waiting = [number for number in self._enabled if self.is_pending(number)]
        if not waiting:
            return None
        first = min(waiting, key=lambda number: (self._priority(number), number))
        return first if self._priority(first) < running else None

    def read_bits(self, word: int, *, pending: bool) -> int:
        """A word of the enable or the pending bits, for 32 interrupts."""
        numbers = range(FIRST_INTERRUPT + 32 * word, FIRST_INTERRUPT + 32 * word + 32)
        is_set = self.is_pending if pending else self._enabled.__contains__
        return sum(1 << bit for bit, number in enumerate(numbers) if is_set(number))

    def write_bits(self, word: int, value: int, *, pending: bool, sets: bool) -> None:
        """Sets or clears those of the bits that are 1 in `value`."""
        found = self._pended if pending else self._enabled
        for bit in range(32):
            if value >> bit & 1:
                number = FIRST_INTERRUPT + 32 * word + bit
                (found.add if sets else found.discard)(number)

    def set_priority(self, number: int, priority: int) -> None:
        """The byte that a priority register has for an exception; 0 is the most urgent."""
        self._priorities[number] = priority & 0xFF

    def _priority(self, number: int) -> int:
        return self._priorities.get(number, 0) if number > _HARD_FAULT else number - _HARD_FAULT - 1
