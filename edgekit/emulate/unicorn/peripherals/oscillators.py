"""The oscillators and PLLs: where clocks come from. All start at once."""

from __future__ import annotations

import secrets
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

CRYSTAL_HZ = 12_000_000
RING_HZ = 6_500_000
"""Nominal: the datasheet allows 1.8 to 12 MHz, so firmware must not count on it."""


class CrystalOscillator(Peripheral):
    """XOSC, RP2040 datasheet 2.16."""

    name = "XOSC"
    base = 0x4002_4000
    sets_clocks = True
    registers: ClassVar = {0x00: 0, 0x04: 0, 0x08: 0x00F0_0C0D, 0x0C: 0xC4, 0x1C: 0}

    @property
    def hz(self) -> int:
        """12 MHz once enabled, which takes a magic number."""
        return CRYSTAL_HZ if self.values[0] >> 12 & 0xFFF == 0xFAB else 0

    def load(self, offset: int) -> int:
        """STATUS: enabled and stable."""
        if offset == 0x04:
            return (1 << 31 | 1 << 12) if self.hz else 0
        return super().load(offset)


class RingOscillator(Peripheral):
    """ROSC, 2.17: always on; its random bit is random."""

    name = "ROSC"
    base = 0x4006_0000
    registers: ClassVar = {
        0x00: 0x00FA_BAA0,
        **zeros(range(0x04, 0x24, 4)),
        0x18: 1 << 31 | 1 << 12,
    }
    random_bit: ClassVar = 0x1C
    hz = RING_HZ

    def load(self, offset: int) -> int:
        """RANDOMBIT differs from read to read."""
        return secrets.randbits(1) if offset == self.random_bit else super().load(offset)


class SystemPll(Peripheral):
    """PLL_SYS, 2.18."""

    name = "PLL_SYS"
    base = 0x4002_8000
    sets_clocks = True
    reset_bit = 12
    registers: ClassVar = {0x00: 1, 0x04: 0x2D, 0x08: 0, 0x0C: 0x0007_7000}

    def __init__(self, crystal: CrystalOscillator) -> None:
        super().__init__()
        self._crystal = crystal

    def load(self, offset: int) -> int:
        """CS has the lock bit, set as soon as the VCO runs."""
        locked = offset == 0 and self._vco_hz > 0
        return super().load(offset) | (1 << 31 if locked else 0)

    @property
    def hz(self) -> int:
        """The output; 0 while a part of it is powered down."""
        first, second = self.values[0x0C] >> 16 & 7, self.values[0x0C] >> 12 & 7
        if self.values[0x04] & 0x08 or not first or not second:
            return 0
        return self._vco_hz // (first * second)

    @property
    def _vco_hz(self) -> int:
        if self.values[0x04] & 0x21:
            return 0
        return self._crystal.hz // max(self.values[0] & 0x3F, 1) * (self.values[0x08] & 0xFFF)


class UsbPll(SystemPll):
    """PLL_USB, the same block again."""

    name = "PLL_USB"
    base = 0x4002_C000
    reset_bit = 13
