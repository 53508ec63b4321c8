"""The RP2350's peripherals where they differ from the RP2040's: places, bits, registers.

RP2350 datasheet, section numbers beside.
"""

from __future__ import annotations

from typing import ClassVar

from edgekit.emulate.unicorn.peripherals import (
    clocks,
    oscillators,
    plain,
    ppb,
    resets,
    sio,
    timer,
    uart,
    usb,
    watchdog,
)
from edgekit.emulate.unicorn.peripherals.peripheral import zeros

_ONE = 1 << 16  # of clock dividers


class Resets(resets.Resets):
    """7.5."""

    base = 0x4002_0000
    everything: ClassVar = 0x1FFF_FFFF
    # The boot ROM has taken out of reset what it reads flash with: IO_QSPI and PADS_QSPI.
    registers: ClassVar = {0x0: everything & ~(1 << 7 | 1 << 10), 0x4: 0, 0x8: 0}


class Clocks(clocks.Clocks):
    """8.1: dividers with 16 fractional bits."""

    base = 0x4001_0000
    one: ClassVar = _ONE
    whole: ClassVar = 0xFF << 16
    usb: ClassVar = (0x60, 0x64)
    registers: ClassVar = {
        **zeros(range(0x00, 0xD8, 4)),
        **dict.fromkeys(range(0x04, 0x78, 12), _ONE),
        **dict.fromkeys(range(0x08, 0x78, 12), 1),
    }


class CrystalOscillator(oscillators.CrystalOscillator):
    """8.2."""

    base = 0x4004_8000
    registers: ClassVar = {0x00: 0, 0x04: 0, 0x08: 0x00F0_0C0D, 0x0C: 0xC4, 0x10: 0}


class RingOscillator(oscillators.RingOscillator):
    """8.3."""

    base = 0x400E_8000
    random_bit: ClassVar = 0x20
    registers: ClassVar = {
        0x00: 0x00FA_BAA0,
        **zeros(range(0x04, 0x28, 4)),
        0x1C: 1 << 31 | 1 << 12,
    }


class SystemPll(oscillators.SystemPll):
    """8.6."""

    base = 0x4005_0000
    reset_bit = 14


class UsbPll(oscillators.UsbPll):
    """8.6."""

    base = 0x4005_8000
    reset_bit = 15


class SystemControl(ppb.SystemControl):
    """ARMv8-M system control space (DDI 0553 D1.2). Fault status registers stay 0: every fault is a
    hard fault here, and says where it was by its frame."""

    registers: ClassVar = {
        **ppb.SystemControl.registers,
        **zeros(*(range(base, base + 8, 4) for base in (0x100, 0x180, 0x200, 0x280))),
        **zeros(range(0x400, 0x434, 4), range(0xD18, 0xD40, 4)),
        0xD00: 0x411F_D210,  # Cortex-M33 r1p0
        ppb.DEMCR: 0,
    }


class Psm(plain.Psm):
    """7.4."""

    base = 0x4001_8000
    core1: ClassVar = 1 << 24
    registers: ClassVar = {0x00: 0, 0x04: 0, 0x08: 0, 0x0C: 0x01FF_FFFF}


class Timer(timer.Timer):
    """TIMER0, 12.8."""

    name = "TIMER0"
    base = 0x400B_0000
    reset_bit = 23
    registers: ClassVar = zeros(range(0x00, 0x4C, 4))


class Watchdog(watchdog.Watchdog):
    """12.9. Its tick comes from TICKS."""

    base = 0x400D_8000
    per_tick: ClassVar = 1
    registers: ClassVar = {0x00: 0x0700_0000, **zeros(range(0x04, 0x2C, 4))}


class IoBank0(plain.IoBank0):
    """9.11.1: 48 pins."""

    base = 0x4002_8000
    reset_bit = 6
    registers: ClassVar = {
        **zeros(range(0, 384, 8)),
        **dict.fromkeys(range(4, 384, 8), 0x1F),
        **zeros(range(0x180, 0x320, 4)),
    }


class PadsBank0(plain.PadsBank0):
    """9.11.3: isolated after a reset."""

    base = 0x4003_8000
    reset_bit = 9
    registers: ClassVar = {0: 0, **dict.fromkeys(range(4, 0xCC, 4), 0x116)}
    isolated: ClassVar = 1 << 8


class Uart(uart.Uart):
    """12.1."""

    base = 0x4007_0000
    reset_bit = 26


class UsbController(usb.UsbController):
    """12.7."""

    reset_bit = 28


class Sio(sio.Sio):
    """3.1: FIFOs of 4 words, no divider; outputs of 48 pins in pairs of registers."""

    fifo_words: ClassVar = 4
    _OUTPUTS = range(0x10, 0x50, 4)
    registers: ClassVar = {
        **zeros(range(0x00, 0x0C, 4), _OUTPUTS, range(0x50, 0x60, 4), range(0x100, 0x180, 4)),
    }

    def store(self, offset: int, value: int) -> None:
        """Pins: value, set, clear and toggle follow one another, each for both halves."""
        if offset in self._OUTPUTS:
            at = offset - self._OUTPUTS.start
            register = self._OUTPUTS.start + at // 0x20 * 0x20 + at % 8
            self._store_pins(register, at % 0x20 // 8, value)
        else:
            super().store(offset, value)


class SysInfo(plain.SysInfo):
    """Chip id and platform, 12.15.2: stepping A2."""

    registers: ClassVar = {0x00: 0x2000_4927, 0x04: 0, 0x08: 0x0000_0002, 0x14: 0}


class IoQspi(plain.IoQspi):
    """9.11.2."""

    base = 0x4003_0000
    reset_bit = 7
    registers: ClassVar = {**zeros(range(0, 64, 8)), **dict.fromkeys(range(4, 64, 8), 0x1F)}


class PadsQspi(plain.PadsQspi):
    """9.11.4."""

    base = 0x4004_0000
    reset_bit = 10
    registers: ClassVar = {0: 0, **dict.fromkeys(range(4, 0x1C, 4), 0x56)}


class XipControl(plain.XipControl):
    """4.4.5. The cache itself is not modelled."""

    base = 0x400C_8000
    registers: ClassVar = {0x00: 0x83, 0x08: 2, **zeros(0x0C, 0x10, 0x14, 0x18, 0x1C)}


PLAIN = (SysInfo, IoQspi, PadsQspi, XipControl)
