"""The RP2350: two Cortex-M33, an image definition in flash."""

from __future__ import annotations

import struct

from edgekit.boards import image_def
from edgekit.emulate.unicorn import rp2350_rom
from edgekit.emulate.unicorn.chips.kind import AddressMap, BootRom, Interrupts, Kind, Parts, Start
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.peripherals import rp2350
from edgekit.emulate.unicorn.peripherals.dwt import Dwt
from edgekit.emulate.unicorn.peripherals.ticks import TickGenerators
from edgekit.emulate.unicorn.processors import CORTEX_M33

_FLASH = 0x1000_0000


def _start(_memory: Memory, flash: bytes) -> Start:
    """An image that names no entry point begins with its vector table (datasheet 5.9.3)."""
    sp, pc = struct.unpack_from("<2I", flash)
    return Start(pc=pc, sp=sp, vectors=_FLASH)


KIND = Kind(
    name="RP2350",
    processor=CORTEX_M33,
    addresses=AddressMap(
        flash=(_FLASH, 0x1400_0000, 0x1C00_0000),  # cached, not, and not translated either
        registers=(
            (0x4000_0000, 0x18_0000),  # APB
            (0x5000_0000, 0x10_0000),  # AHB: DMA; then USB's memory, which is memory,
            (0x5011_0000, 0x5F_0000),  # and USB's registers, PIO, FIFOs
            (0xD000_0000, 0x4_0000),  # SIO, and as the non-secure state sees it
            (0xE000_0000, 0x10_0000),  # the processor's own
        ),
    ),
    rom=BootRom(
        size_bytes=32 << 10, image=rp2350_rom.image(), problem=image_def.problem, start=_start
    ),
    parts=Parts(
        resets=rp2350.Resets,
        clocks=rp2350.Clocks,
        crystal=rp2350.CrystalOscillator,
        ring=rp2350.RingOscillator,
        system_pll=rp2350.SystemPll,
        usb_pll=rp2350.UsbPll,
        system_control=rp2350.SystemControl,
        psm=rp2350.Psm,
        timer=rp2350.Timer,
        watchdog=rp2350.Watchdog,
        pins=rp2350.IoBank0,
        pads=rp2350.PadsBank0,
        uart=rp2350.Uart,
        sio=rp2350.Sio,
        usb=rp2350.UsbController,
        ticks=TickGenerators,
        dwt=Dwt,
        others=rp2350.PLAIN,
    ),
    interrupts=Interrupts(uart=33, usb=14),
)
