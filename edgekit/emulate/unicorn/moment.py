"""What time it is on the emulated chip: cycles, exact to the instruction."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edgekit.emulate.unicorn.blocks import Block, Locator
from edgekit.emulate.unicorn.counter import Counter


class Moment:
    """Cycles at this moment.

    A counter counts a whole block when it is entered. During a register access, and while
    `at_entry` is set, `now` takes back what of the block is still to come.
    """

    def __init__(
        self, counter: Counter, blocks: Mapping[int, Block], read_register: Callable[[int], int]
    ) -> None:
        self._counter = counter
        self._blocks = blocks
        self._locator = Locator(read_register)
        self._access: tuple[int, bool] | None = None
        self.at_entry = False
        """Whether the counter's block has been counted, and nothing of it has run."""

    def begin_access(self, address: int, is_load: bool) -> None:
        """A register access starts, by the instruction that runs now."""
        self._access = (address, is_load)

    def end_access(self, extra_cycles: int) -> None:
        """The access is over; it took that many cycles more than one to SRAM."""
        self._access = None
        if extra_cycles:
            self._counter.add(extra_cycles)

    def now(self) -> int:
        """Cycles since the emulator started, idle time included."""
        cycles = self._counter.cycles
        block = self._blocks.get(self._counter.current)
        if block is None or not (self.at_entry or self._access):
            return cycles
        if self._access is None:
            return cycles - block.cycles
        address, is_load = self._access
        run = self._counter.entered
        return cycles - block.cycles + self._locator.cycles_before(block, run, address, is_load)

    def skip(self, cycles: int) -> None:
        """Lets time pass without code running."""
        self._counter.add(cycles)


class Ticks:
    """A counter that runs at `ticks_hz` while the processor runs at `cycles_hz`."""

    def __init__(self) -> None:
        self._since = 0
        self._base = 0
        self._ticks_hz = 0
        self._cycles_hz = 1

    def set_rate(self, now: int, ticks_hz: int, cycles_hz: int) -> None:
        """From cycle `now` on, another rate; 0 stops it."""
        self._base, self._since = self.count(now), now
        self._ticks_hz, self._cycles_hz = ticks_hz, max(cycles_hz, 1)

    def count(self, now: int) -> int:
        """Ticks so far at cycle `now`."""
        return self._base + (now - self._since) * self._ticks_hz // self._cycles_hz
