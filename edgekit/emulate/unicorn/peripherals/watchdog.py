"""WATCHDOG: resets the chip, keeps scratch registers through it, and makes the timer's tick."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from edgekit.emulate.unicorn.moment import Ticks
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_CTRL, _LOAD, _REASON, _TICK = 0x00, 0x04, 0x08, 0x2C
_SCRATCH = range(0x0C, 0x2C, 4)
_TRIGGER, _ENABLE = 1 << 31, 1 << 30
_TICK_ENABLE, _TICK_RUNNING, _TICK_CYCLES = 1 << 9, 1 << 10, 0x1FF
_REASON_TIMER, _REASON_FORCE = 1, 2
_TIME_MASK = 0x00FF_FFFF


class Watchdog(Peripheral):
    """RP2040 datasheet 4.7. The countdown goes by `per_tick`: by two on the RP2040 (erratum E1)."""

    name = "WATCHDOG"
    base = 0x4005_8000
    sets_clocks = True
    unclocked = (_LOAD,)  # firmware feeds it all the time
    per_tick: ClassVar = 2
    registers: ClassVar = {
        _CTRL: 0x0700_0000,
        **zeros(_LOAD, _REASON, _SCRATCH),
        _TICK: _TICK_ENABLE,
    }

    def __init__(self, now: Callable[[], int], reset: Callable[[], None]) -> None:
        super().__init__()
        self._now = now
        self._reset = reset
        self.ticks = Ticks()
        self._ends_at: int | None = None

    def load(self, offset: int) -> int:
        """TICK says that it runs; the rest is as written."""
        value = super().load(offset)
        return value | _TICK_RUNNING if offset == _TICK and value & _TICK_ENABLE else value

    def store(self, offset: int, value: int) -> None:
        """Triggers a reset, or starts and feeds the countdown."""
        super().store(offset, value & ~_TRIGGER if offset == _CTRL else value)
        if offset == _CTRL and value & _TRIGGER:
            self._fire(_REASON_FORCE)
        elif offset == _LOAD:
            self._ends_at = self.ticks.count(self._now()) + (value & _TIME_MASK) // self.per_tick

    def tick_hz(self, ref_hz: int) -> int:
        """How fast the tick goes; 1 MHz when set up as it should be, 0 when off."""
        tick = self.values[_TICK]
        cycles = tick & _TICK_CYCLES
        return ref_hz // cycles if cycles and tick & _TICK_ENABLE else 0

    def check(self) -> None:
        """Resets when the countdown has run out. Called now and then."""
        is_counting = self.values[_CTRL] & _ENABLE and self._ends_at is not None
        if is_counting and self.ticks.count(self._now()) >= (self._ends_at or 0):
            self._fire(_REASON_TIMER)

    def survive(self, before: Watchdog) -> None:
        """Takes over what a reset by the watchdog leaves alone."""
        for offset in (_REASON, *_SCRATCH):
            self.values[offset] = before.values[offset]

    def _fire(self, reason: int) -> None:
        self.values[_REASON] = reason
        self._ends_at = None
        self._reset()
