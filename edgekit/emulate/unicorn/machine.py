"""An emulated chip: two cores, memories and peripherals, from reset to reset."""

from __future__ import annotations

import enum
import time
from collections.abc import Sequence
from pathlib import Path

from edgekit.emulate.endpoints import Endpoint
from edgekit.emulate.unicorn.chip import Chip, Surroundings
from edgekit.emulate.unicorn.core import Build, Core, MakeCounter
from edgekit.emulate.unicorn.counter import Counter
from edgekit.emulate.unicorn.given import Given
from edgekit.emulate.unicorn.log import Log
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.second_core import SecondCore, Ties
from edgekit.emulate.unicorn.spinning import Idling, Spinning
from edgekit.emulate.unicorn.usb_host import UsbHost
from edgekit.errors import FlashError

_SERVICE_EVERY_CYCLES = 2_000_000
_USB_FRAME_CYCLES = 125_000
"""A millisecond: how often a USB host looks, while it waits for an answer."""
_IDLE_WAIT_S = 0.02


class Stop(enum.Enum):
    """Why code stopped running."""

    RESET = enum.auto()
    BOOTLOADER = enum.auto()


class Machine:
    """A chip that runs from `flash`, an image file read again at every reset.

    `make_counter(host, memory)` gives what counts the cycles of a core; `usb` is the serial port of
    a host that the board's USB socket is connected to, if it is.
    """

    def __init__(
        self,
        given: Given,
        flash: Path,
        endpoint: Endpoint,
        make_counter: MakeCounter,
        usb: Endpoint | None = None,
    ) -> None:
        self.log = Log()
        self.resets = 0
        self.idle_cycles = 0
        self.idle_s = 0.0
        self._flash = flash
        self._endpoint = endpoint
        self._stop: Stop | None = None
        self._kind = given.kind
        self._memory = Memory(given.layout())
        self._memory.load_rom(given.kind.rom.image)
        build = Build(given.kind.processor, self._memory, given.kind.addresses, make_counter)
        self._core = Core(build, self)
        self._second = SecondCore(
            build,
            given.kind.parts.sio,
            Ties(self._core.moment.now, self.log.note, self.log.fault),
        )
        self._spinning, self._idling = Spinning(self._core.counter), Idling(self._core.counter)
        self._around = Surroundings(
            endpoint=endpoint,
            baud=given.baud,
            second=self._second,
            moment=self._core.moment,
            reset=lambda: self._halt(Stop.RESET),
            interrupts_changed=self._core.look,
            idle=self.wait,
            no_word=self._look_again,
            report=self.log.note,
            usb_memory=self._memory.usb,
            usb_looked=self._serve_usb,
            counter_looked=self._look_at_counter,
        )
        self.usb_host = UsbHost(usb, self._now_s, self.log.note) if usb else None
        self.chip = Chip(given.kind, self._around)

    @property
    def counter(self) -> Counter:
        """Core 0's."""
        return self._core.counter

    @property
    def instructions(self) -> int:
        """Those of both cores."""
        return self._core.counter.instructions + self._second.instructions

    def run(self) -> Stop:
        """Resets, and runs until the firmware asks for a reset or for the bootloader.

        Raises `CrashError` when the firmware can go nowhere.
        """
        self.start()
        self._core.run()
        self.chip.uart.flush()
        assert self._stop is not None
        return self._stop

    def start(self) -> None:
        """Resets: the chip as the boot ROM leaves it."""
        image = self._read_flash()
        self._memory.load_flash(image)
        self._stop = None
        self._second.reset()
        self.chip = Chip(self._kind, self._around, before=self.chip if self.resets else None)
        self.resets += 1
        if self.usb_host:
            self.usb_host.plug_into(self.chip.usb)
        begin = self._kind.rom.start(self._memory, image)
        self.chip.system_control.vectors = begin.vectors
        self._core.begin(begin.pc, begin.sp)
        self._serve_later()

    def boot_problem(self) -> str:
        """Why the boot ROM would not start what is in flash now; empty when it would."""
        return self._kind.rom.problem(self._read_flash())

    def read_memory(self, address: int, size: int) -> bytes:
        """Bytes of ROM, flash or RAM; empty where there is no memory."""
        return self._memory.read(address, size)

    # What core 0 is in: see `surrounding.Surrounding`.

    def read(self, address: int, size: int) -> int:
        """All registers of the chip."""
        return self.chip.bus.read(address, size)

    def write(self, address: int, size: int, value: int) -> None:
        """As `read`."""
        self.chip.bus.write(address, size, value)

    def vectors(self) -> int:
        """What VTOR says."""
        return self.chip.system_control.vectors

    def service(self) -> None:
        """Every few milliseconds of emulated time."""
        self.chip.uart.flush()
        self.chip.uart.serve()
        self._endpoint.flush()
        self.chip.watchdog.check()
        self._second.catch_up()
        self._serve_usb()
        self._serve_later()
        self._core.ask()

    def interrupt(self, active: Sequence[int]) -> int | None:
        """What the chip's interrupt controller says."""
        return self.chip.system_control.interrupt(active)

    def taken(self, exception: int) -> None:
        """An exception that was pended waits no more."""
        self.chip.system_control.nvic.unpend(exception)

    def wait(self) -> None:
        """The firmware waits: so does this process, and emulated time goes as real time does."""
        self.chip.uart.flush()
        self._serve_usb()
        if self.usb_host is not None and self.usb_host.has_moved:
            return
        started = time.perf_counter()
        self._rest()
        waited_s = time.perf_counter() - started
        if self._endpoint.was_touched():
            self.bootloader()
        cycles = int(waited_s * self.chip.clocks.sys_hz)
        self.idle_s += waited_s
        self.idle_cycles += cycles
        self._core.moment.skip(cycles)
        self._core.look()

    def _rest(self) -> None:
        """Until something may have come, or a while has passed."""
        if self.usb_host is None:
            self._endpoint.wait(_IDLE_WAIT_S)
        else:
            self._endpoint.wait(_IDLE_WAIT_S, self.usb_host.reading())

    def bootloader(self) -> None:
        """The firmware called the boot ROM's bootloader."""
        self._halt(Stop.BOOTLOADER)

    def fault(self, message: str) -> None:
        """Kept for the user."""
        self.log.fault(message)

    def _serve_later(self) -> None:
        """Every few milliseconds, and when SysTick's interrupt is due."""
        is_awaited = self.usb_host is not None and self.usb_host.is_waiting
        later = self.counter.cycles + (_USB_FRAME_CYCLES if is_awaited else _SERVICE_EVERY_CYCLES)
        tick = self.chip.system_control.next_tick or later
        # Not in the block that is about to run, or it never would.
        self.counter.service_at = max(min(later, tick), self.counter.cycles + 1)

    def _serve_usb(self) -> None:
        """Lets the USB host go on."""
        if self.usb_host is not None:
            self.usb_host.step()

    def _now_s(self) -> float:
        return self.counter.cycles / self.chip.clocks.sys_hz

    def _look_at_counter(self) -> None:
        """A firmware that is served by interrupts waits while it looks at its clock."""
        if self._idling.again():
            self.wait()

    def _look_again(self) -> None:
        """Core 0 looks for a word, over and over: lets time pass until it comes."""
        if not self._spinning.again():
            return
        self._second.catch_up()
        if self._second.outbox:
            self._core.moment.skip(max(0, self._second.outbox.first_time - self.counter.cycles))
        elif self._second.is_ahead:  # busy with no word to say so far: none will come before then
            self._core.moment.skip(self._second.time - self.counter.cycles)

    def _halt(self, stop: Stop) -> None:
        self._stop = stop
        self._core.halt()

    def _read_flash(self) -> bytes:
        try:
            return self._flash.read_bytes() if self._flash.exists() else b""
        except OSError as error:
            raise FlashError(f"cannot read the emulated flash: {error}") from None
