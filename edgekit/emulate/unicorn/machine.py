"""The emulated Pico: processor, memories and peripherals, from reset to reset."""

from __future__ import annotations

import enum
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgekit.boards.boot2 import BOOT2_BYTES
from edgekit.emulate.endpoints import Endpoint
from edgekit.emulate.unicorn import bootrom, exceptions
from edgekit.emulate.unicorn import engine as uc
from edgekit.emulate.unicorn.blocks import Block, read_block
from edgekit.emulate.unicorn.bus import WINDOWS
from edgekit.emulate.unicorn.chip import Chip, Surroundings
from edgekit.emulate.unicorn.counter import Counter
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.moment import Moment
from edgekit.errors import FlashError

# An address that code never reaches: the engine runs until something stops it.
_NOWHERE = 0x0FFF_FFF0
_SERVICE_EVERY_CYCLES = 2_000_000
_IDLE_WAIT_S = 0.02
_NOTES_LIMIT = 100

_REASONS = {
    uc.BREAKPOINT: "a breakpoint without a debugger",
    uc.UNDEFINED: "an instruction that ARMv6-M does not have",
}


class Stop(enum.Enum):
    """Why code stopped running."""

    RESET = enum.auto()
    BOOTLOADER = enum.auto()


class CrashError(Exception):
    """The firmware or the engine cannot go on. `registers` is what they held, by name."""

    def __init__(self, reason: str, registers: dict[str, int]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.registers = registers


@dataclass(slots=True)
class Log:
    """What happened that the user may want to know: every message once, in order."""

    notes: dict[str, None] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def note(self, message: str) -> None:
        """Something that a real board would not do, or that is not emulated."""
        if message not in self.notes and len(self.notes) < _NOTES_LIMIT:
            self.notes[message] = None
            print(message, file=sys.stderr, flush=True)  # noqa: T201 - the child's own log

    def fault(self, message: str) -> None:
        """A fault that the firmware's own handler got."""
        self.faults.append(message)
        print(message, file=sys.stderr, flush=True)  # noqa: T201 - the child's own log


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes and speeds that the board's file gives."""

    flash_bytes: int
    ram_base: int
    ram_bytes: int
    baud: int


class Machine:
    """One core of an RP2040 that runs from `flash`, an image file read again at every reset.

    `make_counter(host, memory)` gives what counts the cycles. Core 1 would be a second engine on
    the same memories and bus.
    """

    def __init__(
        self,
        layout: Layout,
        flash: Path,
        endpoint: Endpoint,
        make_counter: Callable[[Machine, Memory], Counter],
    ) -> None:
        self.log = Log()
        self.resets = 0
        self.idle_cycles = 0
        self.idle_s = 0.0
        self._flash = flash
        self._endpoint = endpoint
        self._blocks: dict[int, Block] = {}
        self._watched: set[int] = set()
        self._stop: Stop | None = None
        self._error: Exception | None = None
        self._exception: int | None = None
        self._is_stale = False
        self._memory = Memory(
            flash_bytes=layout.flash_bytes, ram_base=layout.ram_base, ram_bytes=layout.ram_bytes
        )
        self._memory.load_rom(bootrom.image())
        self.counter = make_counter(self, self._memory)
        self._engine = self._make_engine()
        self._around = self._surroundings(layout.baud)
        self.chip = Chip(self._around)

    def run(self) -> Stop:
        """Resets, and runs until the firmware asks for a reset or for the bootloader.

        Raises `CrashError` when the firmware can go nowhere.
        """
        self.start()
        while self._stop is None:
            self._run_until_stopped()
        self.chip.uart.flush()
        return self._stop

    def start(self) -> None:
        """Resets: the chip as the boot ROM leaves it, the second stage in SRAM about to run."""
        image = self._read_flash()
        self._memory.load_flash(image)
        self._forget_code()
        self._stop = self._error = self._exception = None
        self.chip = Chip(self._around, before=self.chip if self.resets else None)
        self.resets += 1
        for register in uc.REGISTERS.values():
            self._engine.reg_write(register, 0)
        self._engine.mem_write(bootrom.BOOT2_ADDRESS, image[:BOOT2_BYTES])
        self._engine.reg_write(uc.XPSR, 1 << 24)
        self._engine.reg_write(uc.SP, bootrom.BOOT2_ADDRESS)
        self._engine.reg_write(uc.PC, bootrom.BOOT2_ADDRESS | 1)
        self.counter.interrupt()
        self.counter.service_at = self.counter.cycles + _SERVICE_EVERY_CYCLES

    def boot_problem(self) -> str:
        """Why the boot ROM would not start what is in flash now; empty when it would."""
        return bootrom.boot2_problem(self._read_flash())

    def read_memory(self, address: int, size: int) -> bytes:
        """Bytes of ROM, flash or RAM; empty where there is no memory."""
        return self._memory.read(address, size)

    # What the counter calls: nothing here may raise, an exception would be lost in C.

    def measure(self, address: int, size: int) -> Block | None:
        """See `counter.Host`."""
        known = self._blocks.get(address)
        if known and known.bytes == size:  # its code has changed, its translation has not
            self._translate_again()
            return None
        block = read_block(address, self._memory.read(address, size))
        if block.undefined and block.undefined not in self._watched:
            self._watch(block.undefined)
            self._translate_again()
            return None
        self._blocks[address] = block
        return block

    def service(self) -> None:
        """See `counter.Host`."""
        self._guarded(self._service)

    def _make_engine(self) -> Any:
        engine = uc.create()
        self._memory.map_into(engine)
        self._mapped = [
            uc.map_registers(engine, base, size, self._read, self._write) for base, size in WINDOWS
        ]
        uc.hook_exceptions(engine, self._on_exception)
        self.counter.attach(engine)
        return engine

    def _surroundings(self, baud: int) -> Surroundings:
        moment = Moment(
            self.counter, self._blocks, lambda number: int(self._engine.reg_read(uc.R0 + number))
        )
        return Surroundings(
            endpoint=self._endpoint,
            baud=baud,
            moment=moment,
            reset=lambda: self._halt(Stop.RESET),
            idle=self._idle,
            report=self.log.note,
        )

    def _translate_again(self) -> None:
        self._is_stale = True
        self._engine.emu_stop()

    def _watch(self, address: int) -> None:
        """Unicorn would run what a Cortex-M0+ does not have; there, that is a fault."""
        self._watched.add(address)

        def refuse() -> None:
            if read_block(address, self._memory.read(address, 4)).undefined == address:
                self._on_exception(uc.UNDEFINED)

        uc.hook_instruction(self._engine, address, refuse)

    def _forget_code(self) -> None:
        self._is_stale = False
        self._blocks.clear()
        self.counter.forget()
        uc.forget_code(self._engine)

    def _read_flash(self) -> bytes:
        try:
            return self._flash.read_bytes() if self._flash.exists() else b""
        except OSError as error:
            raise FlashError(f"cannot read the emulated flash: {error}") from None

    def _run_until_stopped(self) -> None:
        fault = ""
        try:
            self._engine.emu_start(self._engine.reg_read(uc.PC) | 1, _NOWHERE)
        except uc.EngineError as error:
            fault = str(error)
        if self._error is not None:
            raise self._crash(str(self._error)) from self._error
        if self._stop is not None:
            return
        if self._is_stale:
            self._forget_code()
            return
        try:
            self._go_on(fault)
        except exceptions.LockupError as error:
            raise self._crash(str(error)) from None

    def _go_on(self, fault: str) -> None:
        """After the engine stopped by itself: a fault, an exception, or WFI."""
        pc = self._engine.reg_read(uc.PC)
        exception, self._exception = self._exception, None
        self._settle(pc)
        if fault:
            self._fault(fault, pc)
        elif exception == uc.SUPERVISOR_CALL:
            self._enter(exceptions.SV_CALL, pc)
        elif exception == uc.EXCEPTION_EXIT:
            exceptions.leave(self._engine)
        elif exception == uc.BREAKPOINT and self._memory.read(pc, 1) == b"\xf0" and pc < 0x4000:
            self._stop = Stop.BOOTLOADER
        elif exception is not None:
            self._fault(_REASONS.get(exception, f"exception {exception} of the engine"), pc)
        else:
            self._idle()

    def _fault(self, reason: str, pc: int) -> None:
        message = f"hard fault at 0x{pc:08x}: {reason}"
        try:
            self._enter(exceptions.HARD_FAULT, pc)
        except exceptions.LockupError as error:
            raise exceptions.LockupError(f"{message}; {error}") from None
        self.log.fault(message)

    def _enter(self, exception: int, return_to: int) -> None:
        vectors = self.chip.system_control.vectors
        exceptions.enter(self._engine, exception, return_to, vectors)
        self.counter.interrupt()
        self.counter.add(exceptions.ENTRY_CYCLES)

    def _settle(self, pc: int) -> None:
        """A block that stopped on its way was counted whole: takes back what did not run."""
        block = self._blocks.get(self.counter.current)
        if block and pc in block.starts:
            self.counter.add(block.starts[pc] - block.cycles)

    def _crash(self, reason: str) -> CrashError:
        registers = {name: self._engine.reg_read(number) for name, number in uc.REGISTERS.items()}
        return CrashError(reason, registers)

    # What the engine and the peripherals call. Exceptions are kept until the engine has stopped.

    def _read(self, address: int, size: int) -> int:
        try:
            return self.chip.bus.read(address, size)
        except Exception as error:
            self._fail(error)
            return 0

    def _write(self, address: int, size: int, value: int) -> None:
        self._guarded(lambda: self.chip.bus.write(address, size, value))

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        self._engine.emu_stop()

    def _on_exception(self, number: int) -> None:
        self._exception = number
        self._engine.emu_stop()

    def _halt(self, stop: Stop) -> None:
        self._stop = stop
        self._engine.emu_stop()

    def _service(self) -> None:
        self.chip.uart.flush()
        self._endpoint.flush()
        self.chip.watchdog.check()
        self.counter.service_at = self.counter.cycles + _SERVICE_EVERY_CYCLES

    def _idle(self) -> None:
        """The firmware waits: so does this process, and emulated time goes as real time does."""
        self.chip.uart.flush()
        started = time.perf_counter()
        self._endpoint.wait(_IDLE_WAIT_S)
        waited_s = time.perf_counter() - started
        cycles = int(waited_s * self.chip.clocks.sys_hz)
        self.idle_s += waited_s
        self.idle_cycles += cycles
        self._around.moment.skip(cycles)
