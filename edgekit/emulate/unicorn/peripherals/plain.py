"""Peripherals of which only the memory matters: pads, pins, power-on state machine, chip id."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_FORCE_OFF = 0x04


class SysInfo(Peripheral):
    """Chip id and platform (RP2040 datasheet 2.20.2): stepping B2."""

    name = "SYSINFO"
    base = 0x4000_0000
    registers: ClassVar = {0x00: 0x2000_2927, 0x04: 0x0000_0002, 0x40: 0}


class Psm(Peripheral):
    """The power-on state machine (2.13). All is powered and done, but for core 1 when the firmware
    forces it off; let go, it is in its boot ROM again."""

    name = "PSM"
    base = 0x4001_0000
    core1: ClassVar = 1 << 16
    registers: ClassVar = {0x00: 0, _FORCE_OFF: 0, 0x08: 0, 0x0C: 0x0001_FFFF}

    def __init__(self, reset_core1: Callable[[], None]) -> None:
        super().__init__()
        self._reset_core1 = reset_core1

    def store(self, offset: int, value: int) -> None:
        """FRCE_OFF resets core 1 when it lets it go."""
        lets_go = offset == _FORCE_OFF and self.values[offset] & ~value & self.core1
        super().store(offset, value)
        if lets_go:
            self._reset_core1()


class IoBank0(Peripheral):
    """What drives each of the 30 pins (2.19.6.1); interrupts are not modelled."""

    name = "IO_BANK0"
    base = 0x4001_4000
    reset_bit = 5
    registers: ClassVar = {
        **zeros(range(0, 240, 8)),
        **dict.fromkeys(range(4, 240, 8), 0x1F),
        **zeros(range(0xF0, 0x190, 4)),
    }

    def function(self, pin: int) -> int:
        """The function selected for a pin; 31 after reset: none."""
        return self.values[8 * pin + 4] & 31


class PadsBank0(Peripheral):
    """The pins' electrical settings (2.19.6.3)."""

    name = "PADS_BANK0"
    base = 0x4001_C000
    reset_bit = 8
    registers: ClassVar = {0: 0, **dict.fromkeys(range(4, 0x7C, 4), 0x56), 0x7C: 0xDA, 0x80: 0x5A}
    isolated: ClassVar = 0

    def is_isolated(self, pin: int) -> bool:
        """Whether a pin's pad is cut off from what drives it; never on the RP2040."""
        return bool(self.values[4 + 4 * pin] & self.isolated)


class IoQspi(Peripheral):
    """What drives the six flash pins (2.19.6.2)."""

    name = "IO_QSPI"
    base = 0x4001_8000
    reset_bit = 6
    registers: ClassVar = {**zeros(range(0, 48, 8)), **dict.fromkeys(range(4, 48, 8), 0x1F)}


class PadsQspi(Peripheral):
    """The flash pins' electrical settings (2.19.6.4)."""

    name = "PADS_QSPI"
    base = 0x4002_0000
    reset_bit = 9
    registers: ClassVar = {0: 0, **dict.fromkeys(range(4, 0x1C, 4), 0x56)}


class XipControl(Peripheral):
    """The flash cache's controls (2.6.3). The cache itself is not modelled."""

    name = "XIP_CTRL"
    base = 0x1400_0000
    registers: ClassVar = {0x00: 3, 0x04: 0, 0x08: 2, 0x0C: 0, 0x10: 0}


class VregAndReset(Peripheral):
    """Core voltage and why the chip was reset (2.10.6)."""

    name = "VREG_AND_CHIP_RESET"
    base = 0x4006_4000
    registers: ClassVar = {0x00: 0xB1, 0x04: 0x09, 0x08: 0x100}


PLAIN = (SysInfo, IoQspi, PadsQspi, XipControl, VregAndReset)
