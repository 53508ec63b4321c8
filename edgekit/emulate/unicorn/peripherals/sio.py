"""SIO: which core this is, pins, spinlocks, and the divider, all within one cycle."""

from __future__ import annotations

from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_WORD = 0xFFFF_FFFF
_OUT, _OUT_ENABLE = 0x10, 0x20
_UDIVIDEND, _SDIVIDEND, _QUOTIENT, _REMAINDER, _DIVIDER_STATUS = 0x60, 0x68, 0x70, 0x74, 0x78
_SPINLOCKS = range(0x100, 0x180, 4)
_FIFO_STATUS = 0x50


class Sio(Peripheral):
    """RP2040 datasheet 2.3.1, as core 0 sees it. Core 1 sleeps in the boot ROM: what is sent to
    it stays in the FIFO, and nothing comes back. The interpolators are not modelled."""

    name = "SIO"
    base = 0xD000_0000
    has_aliases = False
    registers: ClassVar = {
        **zeros(range(0x00, 0x0C, 4), range(0x10, 0x30, 4), 0x54, 0x58, 0x5C),
        **zeros(range(0x60, 0x7C, 4), _SPINLOCKS),
        _FIFO_STATUS: 2,
        _DIVIDER_STATUS: 1,
    }

    def load(self, offset: int) -> int:
        """Reading a spinlock takes it when it is free."""
        if offset in _SPINLOCKS:
            taken, self.values[offset] = self.values[offset], 1
            return 0 if taken else 1 << ((offset - 0x100) // 4)
        return super().load(offset)

    def store(self, offset: int, value: int) -> None:
        """Pins by value, set, clear and toggle; the divider's operands; releases of locks."""
        if offset in _SPINLOCKS:
            self.values[offset] = 0
        elif offset in range(_OUT, 0x30, 4):
            self._store_pins(offset & ~0xF, offset >> 2 & 3, value)
        else:
            super().store(offset, value)
            if _UDIVIDEND <= offset < _QUOTIENT:
                self._divide(is_signed=offset >= _SDIVIDEND)

    def _store_pins(self, register: int, how: int, value: int) -> None:
        old = self.values[register]
        self.values[register] = (value, old | value, old & ~value, old ^ value)[how]

    def _divide(self, *, is_signed: bool) -> None:
        """The operands may be written in any order; the last one written starts the division."""
        first = _SDIVIDEND if is_signed else _UDIVIDEND
        dividend, divisor = self.values[first], self.values[first + 4]
        if is_signed:
            dividend, divisor = _signed(dividend), _signed(divisor)
        quotient, remainder = _divided(dividend, divisor)
        self.values[_QUOTIENT], self.values[_REMAINDER] = quotient & _WORD, remainder & _WORD


def _divided(dividend: int, divisor: int) -> tuple[int, int]:
    """Rounds toward zero. By zero: all ones for a dividend >= 0, else 1 (2.3.1.5)."""
    if divisor == 0:
        return (-1 if dividend >= 0 else 1), dividend
    quotient = abs(dividend) // abs(divisor)
    if (dividend < 0) != (divisor < 0):
        quotient = -quotient
    return quotient, dividend - quotient * divisor


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word
