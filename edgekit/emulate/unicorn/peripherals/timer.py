"""TIMER: 64 bits of microseconds, as long as the watchdog's tick generator runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from edgekit.emulate.unicorn.moment import Ticks
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_WORD = 0xFFFF_FFFF


class Timer(Peripheral):
    """RP2040 datasheet 4.6. Alarms and their interrupts are not modelled."""

    name = "TIMER"
    base = 0x4005_4000
    reset_bit = 21
    registers: ClassVar = zeros(range(0x00, 0x44, 4))

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self.ticks = Ticks()

    def load(self, offset: int) -> int:
        """The count, raw or latched: reading TIMELR holds TIMEHR."""
        count = self.ticks.count(self._now())
        if offset in (0x0C, 0x28):
            self.values[0x08] = count >> 32 & _WORD if offset == 0x0C else self.values[0x08]
            return count & _WORD
        return count >> 32 & _WORD if offset == 0x24 else super().load(offset)
