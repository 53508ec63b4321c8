"""The RP2040: two Cortex-M0+, a second-stage boot in flash."""

from __future__ import annotations

from edgekit.boards.boot2 import BOOT2_BYTES
from edgekit.emulate.unicorn import bootrom
from edgekit.emulate.unicorn.bus import ExtraCycles
from edgekit.emulate.unicorn.chips.kind import AddressMap, BootRom, Interrupts, Kind, Parts, Start
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.peripherals import clocks, oscillators, plain, ppb, sio, uart, usb
from edgekit.emulate.unicorn.peripherals.resets import Resets
from edgekit.emulate.unicorn.peripherals.ssi import Ssi
from edgekit.emulate.unicorn.peripherals.timer import Timer
from edgekit.emulate.unicorn.peripherals.watchdog import Watchdog
from edgekit.emulate.unicorn.processors import CORTEX_M0PLUS


def _start(memory: Memory, flash: bytes) -> Start:
    """The second stage in SRAM, about to run."""
    memory.write_ram(bootrom.BOOT2_ADDRESS, flash[:BOOT2_BYTES])
    return Start(pc=bootrom.BOOT2_ADDRESS, sp=bootrom.BOOT2_ADDRESS, vectors=0)


KIND = Kind(
    name="RP2040",
    processor=CORTEX_M0PLUS,
    addresses=AddressMap(
        flash=(0x1000_0000, 0x1100_0000, 0x1200_0000, 0x1300_0000),
        registers=(
            (0x1400_0000, 0x1_0000),  # XIP control
            (0x1800_0000, 0x4000),  # XIP SSI
            (0x4000_0000, 0x7_0000),  # APB
            (0x5000_0000, 0x10_0000),  # AHB-Lite: DMA; then USB's memory, which is memory,
            (0x5011_0000, 0x2F_0000),  # and USB's registers, PIO
            (0xD000_0000, 0x2000),  # SIO
            (0xE000_0000, 0x10_0000),  # the processor's own
        ),
        # An APB read takes 3 bus cycles and a write 4 where SRAM takes 1 (datasheet 2.1.3); SIO
        # saves the one.
        extra=ExtraCycles(read={0x4: 2, 0xD: -1}, write={0x4: 3, 0xD: -1}),
    ),
    rom=BootRom(
        size_bytes=16 << 10, image=bootrom.image(), problem=bootrom.boot2_problem, start=_start
    ),
    parts=Parts(
        resets=Resets,
        clocks=clocks.Clocks,
        crystal=oscillators.CrystalOscillator,
        ring=oscillators.RingOscillator,
        system_pll=oscillators.SystemPll,
        usb_pll=oscillators.UsbPll,
        system_control=ppb.SystemControl,
        psm=plain.Psm,
        timer=Timer,
        watchdog=Watchdog,
        pins=plain.IoBank0,
        pads=plain.PadsBank0,
        uart=uart.Uart,
        sio=sio.Sio,
        usb=usb.UsbController,
        ticks=None,
        dwt=None,
        others=(Ssi, *plain.PLAIN),
    ),
    interrupts=Interrupts(uart=20, usb=5),
)
