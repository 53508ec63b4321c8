"""The processor's own registers: SysTick, vector table, reset request."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros
from edgekit.emulate.unicorn.peripherals.systick import SysTick

_CSR, _RVR, _CVR = 0x10, 0x14, 0x18
_ENABLE, _INTERRUPT, _CPU_CLOCK, _COUNT_FLAG = 1, 2, 4, 1 << 16
_NVIC_ENABLE, _VTOR, _AIRCR = 0x100, 0xD08, 0xD0C
_AIRCR_KEY, _SYSTEM_RESET = 0x05FA, 1 << 2


class SystemControl(Peripheral):
    """ARMv6-M system control space (DDI 0419E B3). No interrupt is ever delivered; firmware that
    enables one is told so."""

    name = "PPB"
    base = 0xE000_E000
    has_aliases = False
    registers: ClassVar = {
        **zeros(_CSR, _RVR, _CVR, _NVIC_ENABLE, 0x180, 0x200, 0x280, range(0x400, 0x420, 4)),
        0x1C: 0xC000_0000,
        0xD00: 0x410C_C601,  # Cortex-M0+ r0p1
        **zeros(0xD04, _VTOR, 0xD10, 0xD1C, 0xD20, 0xD24, 0xD90),
        _AIRCR: 0,
        0xD14: 0x208,
    }

    def __init__(
        self, now: Callable[[], int], reset: Callable[[], None], report: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._now = now
        self._reset = reset
        self._report = report
        self._systick = SysTick()

    @property
    def vectors(self) -> int:
        """The address of the vector table."""
        return self.values[_VTOR] & 0xFFFF_FF00

    def load(self, offset: int) -> int:
        """SysTick's count and flag are those of this cycle."""
        if offset == _CVR:
            return self._systick.count(self._now())
        if offset == _CSR:
            flag = _COUNT_FLAG if self._systick.take_flag(self._now()) else 0
            return self.values[_CSR] | flag
        if offset == _AIRCR:
            return 0xFA05_0000
        return super().load(offset)

    def store(self, offset: int, value: int) -> None:
        """SysTick, reset requests, and what is not modelled."""
        if offset == _CSR:
            self._control(value & 7)
        elif offset == _CVR:
            self._systick.clear(self._now())
        elif offset == _RVR:
            super().store(offset, value & 0x00FF_FFFF)
            self._systick.set_reload(self._now(), value & 0x00FF_FFFF)
        elif offset == _AIRCR:
            if value >> 16 == _AIRCR_KEY and value & _SYSTEM_RESET:
                self._reset()
        else:
            super().store(offset, value)
            if offset == _NVIC_ENABLE and value:
                self._report("the firmware enabled an interrupt, and none is emulated")

    def _control(self, value: int) -> None:
        self.values[_CSR] = value
        self._systick.set_running(self._now(), bool(value & _ENABLE))
        if value & _INTERRUPT:
            self._report("the firmware enabled SysTick's interrupt, and none is emulated")
        if value & _ENABLE and not value & _CPU_CLOCK:
            self._report("SysTick on the reference clock is not emulated; it counts cycles")
