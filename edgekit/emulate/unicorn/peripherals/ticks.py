"""TICKS: what makes microseconds of the reference clock, for each part that wants them."""

from __future__ import annotations

from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_ENABLE, _RUNNING = 1, 2
_BYTES = 0x0C  # of a generator's registers: CTRL, CYCLES, COUNT
_TIMER0, _WATCHDOG = 2, 4


class TickGenerators(Peripheral):
    """RP2350 datasheet 8.5. The RP2040 has one, in its watchdog."""

    name = "TICKS"
    base = 0x4010_8000
    sets_clocks = True
    registers: ClassVar = zeros(range(0x00, 6 * _BYTES, 4))

    def load(self, offset: int) -> int:
        """CTRL says that it runs; the rest is as written."""
        value = super().load(offset)
        return value | _RUNNING if offset % _BYTES == 0 and value & _ENABLE else value

    def timer_hz(self, ref_hz: int) -> int:
        """How fast TIMER0 counts; 0 when off."""
        return self._hz(_TIMER0, ref_hz)

    def watchdog_hz(self, ref_hz: int) -> int:
        """How fast the watchdog counts; 0 when off."""
        return self._hz(_WATCHDOG, ref_hz)

    def _hz(self, number: int, ref_hz: int) -> int:
        control, cycles = self.values[number * _BYTES], self.values[number * _BYTES + 4] & 0x1FF
        return ref_hz // cycles if cycles and control & _ENABLE else 0
