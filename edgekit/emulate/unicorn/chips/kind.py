"""What tells one chip from another: memories, processor, boot ROM, and which class each part is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from edgekit.emulate.unicorn.bus import ExtraCycles
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.peripherals.clocks import Clocks
from edgekit.emulate.unicorn.peripherals.dwt import Dwt
from edgekit.emulate.unicorn.peripherals.oscillators import (
    CrystalOscillator,
    RingOscillator,
    SystemPll,
    UsbPll,
)
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral
from edgekit.emulate.unicorn.peripherals.plain import IoBank0, PadsBank0, Psm
from edgekit.emulate.unicorn.peripherals.ppb import SystemControl
from edgekit.emulate.unicorn.peripherals.resets import Resets
from edgekit.emulate.unicorn.peripherals.sio import Sio
from edgekit.emulate.unicorn.peripherals.ticks import TickGenerators
from edgekit.emulate.unicorn.peripherals.timer import Timer
from edgekit.emulate.unicorn.peripherals.uart import Uart
from edgekit.emulate.unicorn.peripherals.usb import UsbController
from edgekit.emulate.unicorn.peripherals.watchdog import Watchdog
from edgekit.emulate.unicorn.processors import Processor


@dataclass(frozen=True, slots=True)
class Start:
    """How the boot ROM hands over: program counter, stack and vector table."""

    pc: int
    sp: int
    vectors: int


@dataclass(frozen=True, slots=True)
class BootRom:
    """The boot ROM: our few instructions in its place, and our model of what it does at a reset.

    `problem(flash)` is why it would not start what is there, or empty. `start(memory, flash)` does
    what it does before it hands over.
    """

    size_bytes: int
    image: bytes
    problem: Callable[[bytes], str]
    start: Callable[[Memory, bytes], Start]


@dataclass(frozen=True, slots=True)
class AddressMap:
    """Where things lie. `flash` are the windows through which flash is seen; `registers` ranges,
    (base, bytes) in whole pages of the engine, of registers;
    `extra` is what accesses to them take.
    """

    flash: tuple[int, ...]
    registers: tuple[tuple[int, int], ...]
    extra: ExtraCycles = field(default_factory=ExtraCycles)


@dataclass(frozen=True, slots=True)
class Parts:
    """Which class each part is. `ticks` is None where the watchdog makes them, `dwt` where the
    processor counts no cycles; `others` are those that nothing else refers to."""

    resets: type[Resets]
    clocks: type[Clocks]
    crystal: type[CrystalOscillator]
    ring: type[RingOscillator]
    system_pll: type[SystemPll]
    usb_pll: type[UsbPll]
    system_control: type[SystemControl]
    psm: type[Psm]
    timer: type[Timer]
    watchdog: type[Watchdog]
    pins: type[IoBank0]
    pads: type[PadsBank0]
    uart: type[Uart]
    sio: type[Sio]
    usb: type[UsbController]
    ticks: type[TickGenerators] | None
    dwt: type[Dwt] | None
    others: tuple[type[Peripheral], ...]


@dataclass(frozen=True, slots=True)
class Interrupts:
    """The numbers of the interrupts that are emulated."""

    uart: int
    usb: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A chip with two cores of one kind."""

    name: str
    processor: Processor
    addresses: AddressMap
    rom: BootRom
    parts: Parts
    interrupts: Interrupts
