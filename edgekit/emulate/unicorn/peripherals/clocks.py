"""CLOCKS: what each part of the chip is clocked with, and so how fast emulated time goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.oscillators import (
    CrystalOscillator,
    RingOscillator,
    SystemPll,
)
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_REF_CTRL, _REF_DIV, _REF_SELECTED = 0x30, 0x34, 0x38
_SYS_CTRL, _SYS_DIV, _SYS_SELECTED = 0x3C, 0x40, 0x44
_PERI_CTRL = 0x48
_ENABLE = 1 << 11
_ONE = 0x100


class Clocks(Peripheral):
    """RP2040 datasheet 2.15: clk_ref, _sys, _peri and _usb. Multiplexers switch at once.

    `one` is a divider's 1: dividers have fractional bits. `whole` is what clk_ref's and clk_usb's
    take of it, `usb` where the control and the divider of clk_usb are.
    """

    name = "CLOCKS"
    base = 0x4000_8000
    sets_clocks = True
    one: ClassVar = _ONE
    whole: ClassVar = 3 * _ONE
    usb: ClassVar = (0x54, 0x58)
    registers: ClassVar = {
        **zeros(range(0x00, 0xC8, 4)),
        **dict.fromkeys((0x04, 0x10, 0x1C, 0x28, _REF_DIV, _SYS_DIV, 0x58, 0x64, 0x70), _ONE),
        **dict.fromkeys((0x08, 0x14, 0x20, 0x2C, 0x50, 0x5C, 0x68, 0x74), 1),
    }

    def __init__(
        self,
        ring: RingOscillator,
        crystal: CrystalOscillator,
        pll: SystemPll,
        usb_pll: SystemPll,
        report: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._ring, self._crystal, self._pll, self._usb_pll = ring, crystal, pll, usb_pll
        self._report = report

    def load(self, offset: int) -> int:
        """The SELECTED registers have one bit: the source in use."""
        if offset == _REF_SELECTED:
            return 1 << (self.values[_REF_CTRL] & 3)
        if offset == _SYS_SELECTED:
            return 1 << (self.values[_SYS_CTRL] & 1)
        return super().load(offset)

    @property
    def ref_hz(self) -> int:
        """The reference clock: timer and watchdog ticks come from it."""
        source = (self._ring.hz, self._usb_pll.hz, self._crystal.hz, 0)
        return self._running("clk_ref", source[self.values[_REF_CTRL] & 3]) // self._whole(_REF_DIV)

    @property
    def sys_hz(self) -> int:
        """The processor's clock."""
        control = self.values[_SYS_CTRL]
        auxiliary = (self._pll.hz, self._usb_pll.hz, self._ring.hz, self._crystal.hz)
        if not control & 1:
            hz = self.ref_hz
        else:
            hz = self._running("clk_sys", (*auxiliary, 0, 0, 0, 0)[control >> 5 & 7])
        return hz * self.one // (self.values[_SYS_DIV] or self.one)

    @property
    def peri_hz(self) -> int:
        """The UARTs' clock; 0 until enabled."""
        control = self.values[_PERI_CTRL]
        if not control & _ENABLE:
            return 0
        sources = (self.sys_hz, self._pll.hz, self._usb_pll.hz, self._ring.hz, self._crystal.hz)
        return (*sources, 0, 0, 0)[control >> 5 & 7]

    @property
    def usb_hz(self) -> int:
        """The USB controller's clock; 0 until enabled."""
        control = self.values[self.usb[0]]
        if not control & _ENABLE:
            return 0
        sources = (self._usb_pll.hz, self._pll.hz, self._ring.hz, self._crystal.hz, 0, 0, 0, 0)
        return sources[control >> 5 & 7] // self._whole(self.usb[1])

    def _whole(self, divider: int) -> int:
        return (self.values[divider] & self.whole) // self.one or 1

    def _running(self, clock: str, hz: int) -> int:
        """A clock without a source would stop the chip for good; say so and go on slowly."""
        if hz == 0:
            self._report(f"{clock} was switched to a source that does not run: a real chip stops")
        return hz or self._ring.hz
