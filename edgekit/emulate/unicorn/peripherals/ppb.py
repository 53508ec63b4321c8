"""The processor's own registers: SysTick, interrupts, vector table, reset request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.nvic import FIRST_INTERRUPT, PENDSV, SYSTICK, Nvic
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros
from edgekit.emulate.unicorn.peripherals.systick import SysTick

_CSR, _RVR, _CVR = 0x10, 0x14, 0x18
_ENABLE, _INTERRUPT, _CPU_CLOCK, _COUNT_FLAG = 1, 2, 4, 1 << 16
_ICSR, _VTOR, _AIRCR = 0xD04, 0xD08, 0xD0C
_BITS = range(
    0x100, 0x300, 4
)  # set enable, clear enable, set pending, clear pending: 32 words each
_PRIORITIES = range(0x400, 0x420, 4)
_SYSTEM_PRIORITIES = range(0xD18, 0xD24, 4)  # of exceptions 4 to 15
_PEND_SET_CLEAR = ((PENDSV, 28, 27), (SYSTICK, 26, 25))  # exception, bits of ICSR
DEMCR = 0xDFC
"""Debug exception and monitor control, where there is one; bit 24 lets the DWT count."""
_AIRCR_KEY, _SYSTEM_RESET = 0x05FA, 1 << 2


class SystemControl(Peripheral):
    """ARMv6-M system control space (DDI 0419E B3). `interrupts_changed` is called when an exception
    may have to be taken that did not before."""

    name = "PPB"
    base = 0xE000_E000
    has_aliases = False
    registers: ClassVar = {
        **zeros(_CSR, _RVR, _CVR, 0x100, 0x180, 0x200, 0x280, _PRIORITIES),
        0x1C: 0xC000_0000,
        0xD00: 0x410C_C601,  # Cortex-M0+ r0p1
        **zeros(_ICSR, _VTOR, 0xD10, 0xD1C, 0xD20, 0xD24, 0xD90),
        _AIRCR: 0,
        0xD14: 0x208,
    }

    def __init__(
        self,
        now: Callable[[], int],
        reset: Callable[[], None],
        report: Callable[[str], None],
        interrupts_changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self._now = now
        self._reset = reset
        self._report = report
        self._interrupts_changed = interrupts_changed
        self._systick = SysTick()
        self.nvic = Nvic()

    @property
    def vectors(self) -> int:
        """The address of the vector table."""
        return self.values[_VTOR] & 0xFFFF_FF00

    @vectors.setter
    def vectors(self, address: int) -> None:
        self.values[_VTOR] = address

    @property
    def next_tick(self) -> int | None:
        """The cycle at which SysTick's interrupt will be due; None while it is off."""
        is_on = self.values[_CSR] & _INTERRUPT
        return self._systick.next_zero(self._now()) if is_on else None

    def interrupt(self, active: Iterable[int]) -> int | None:
        """The exception that interrupts the `active` ones now, or None."""
        if self._systick.take_ring(self._now()) and self.values[_CSR] & _INTERRUPT:
            self.nvic.pend(SYSTICK)
        return self.nvic.next(active)

    def load(self, offset: int) -> int:
        """SysTick's count and flag are those of this cycle."""
        if offset == _CVR:
            return self._systick.count(self._now())
        if offset == _CSR:
            flag = _COUNT_FLAG if self._systick.take_flag(self._now()) else 0
            return self.values[_CSR] | flag
        if offset == _AIRCR:
            return 0xFA05_0000
        if offset == _ICSR:
            pending = ((number, bit) for number, bit, _ in _PEND_SET_CLEAR)
            return sum(1 << bit for number, bit in pending if self.nvic.is_pending(number))
        if offset in _BITS:
            return self.nvic.read_bits(offset % 0x80 // 4, pending=offset >= 0x200)
        return super().load(offset)

    def store(self, offset: int, value: int) -> None:
        """SysTick, interrupts and reset requests."""
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
            self._store_interrupts(offset, value)
            super().store(offset, value)
        if offset != _AIRCR:
            self._interrupts_changed()

    def _store_interrupts(self, offset: int, value: int) -> None:
        if offset in _BITS:
            sets = not offset & 0x80
            self.nvic.write_bits(offset % 0x80 // 4, value, pending=offset >= 0x200, sets=sets)
        elif offset == _ICSR:
            for number, set_bit, clear_bit in _PEND_SET_CLEAR:
                if value >> set_bit & 1:
                    self.nvic.pend(number)
                elif value >> clear_bit & 1:
                    self.nvic.unpend(number)
        else:
            self._store_priorities(offset, value)

    def _store_priorities(self, offset: int, value: int) -> None:
        """Four exceptions' bytes in a word."""
        if offset in _PRIORITIES:
            first = FIRST_INTERRUPT + offset - _PRIORITIES.start
        elif offset in _SYSTEM_PRIORITIES:
            first = 4 + offset - _SYSTEM_PRIORITIES.start
        else:
            return
        for number, priority in enumerate(value.to_bytes(4, "little"), first):
            self.nvic.set_priority(number, priority)

    def _control(self, value: int) -> None:
        self.values[_CSR] = value
        self._systick.set_running(self._now(), bool(value & _ENABLE))
        if value & _ENABLE and not value & _CPU_CLOCK:
            self._report("SysTick on the reference clock is not emulated; it counts cycles")
