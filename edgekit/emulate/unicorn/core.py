"""One core: an engine over the chip's memories, what it counts, and what interrupts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edgekit.emulate.unicorn import engine as uc
from edgekit.emulate.unicorn import exceptions
from edgekit.emulate.unicorn.blocks import Block, read_block
from edgekit.emulate.unicorn.chips.kind import AddressMap
from edgekit.emulate.unicorn.counter import Counter, Host
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.moment import Moment
from edgekit.emulate.unicorn.processors import Processor
from edgekit.emulate.unicorn.surrounding import Surrounding

# An address that code never reaches: the engine runs until something stops it.
_NOWHERE = 0x0FFF_FFF0
_ROM_CALL = b"\xf0"
"""Operand of the breakpoint by which the boot ROM's stand-in asks for the bootloader."""

_LOOK_AGAIN_CYCLES = 100
_LONGEST_LOOK_CYCLES = 100_000
"""How often an interrupt that PRIMASK keeps waiting is looked at: less and less often, because code
that hangs with interrupts off must get to its watchdog."""

_REASONS = {
    uc.BREAKPOINT: "a breakpoint without a debugger",
    uc.UNDEFINED: "an instruction that {architecture} does not have",
}


class CrashError(Exception):
    """The firmware or the engine cannot go on. `registers` is what they held, by name."""

    def __init__(self, reason: str, registers: dict[str, int]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.registers = registers


MakeCounter = Callable[[Host, Memory], Counter]
"""`make_counter(host, memory)` gives what counts a core's cycles."""


@dataclass(frozen=True, slots=True)
class Build:
    """What a chip's cores have in common."""

    processor: Processor
    memory: Memory
    addresses: AddressMap
    make_counter: MakeCounter


class Core:
    """Runs code until `halt` is called; what calls it back lies in `around`."""

    def __init__(self, build: Build, around: Surrounding) -> None:
        self._processor, self._memory, self._around = build.processor, build.memory, around
        self._blocks: dict[int, Block] = {}
        self._watched: set[int] = set()
        self._error: Exception | None = None
        self._exception: int | None = None
        self._active: list[int] = []
        self._is_stale = self._halted = self._is_asked = False
        self.counter = build.make_counter(self, build.memory)
        self._engine = self._make_engine(build.addresses.registers)
        self.moment = Moment(
            self.counter, self._blocks, lambda number: int(self._engine.reg_read(uc.R0 + number))
        )

    def begin(self, pc: int, sp: int) -> None:
        """After a reset: all registers 0 but those two, in Thumb state, memory read anew."""
        self.forget_code()
        self._error = self._exception = None
        self._is_asked = False
        self._look_again_cycles = _LOOK_AGAIN_CYCLES
        self._active.clear()
        for register in uc.REGISTERS.values():
            self._engine.reg_write(register, 0)
        self._engine.reg_write(uc.PRIMASK, 0)
        self._engine.reg_write(uc.XPSR, 1 << 24)
        self._engine.reg_write(uc.SP, sp)
        self._engine.reg_write(uc.PC, pc | 1)
        self.counter.interrupt()

    def run(self) -> None:
        """Runs until `halt`. Raises `CrashError` when the code can go nowhere."""
        self._halted = False
        while not self._halted:
            if self._is_asked:
                self._interrupt()
            self._run_until_stopped()

    def halt(self) -> None:
        """Stops after the instruction that runs now."""
        self._halted = True
        self._engine.emu_stop()

    def look(self) -> None:
        """An exception may wait: `Surrounding.service` is called soon."""
        self.counter.service_at = 0

    def ask(self) -> None:
        """To be called by `Surrounding.service`: takes the exception that waits, if any."""
        self._is_asked = True
        self._engine.emu_stop()

    def forget_code(self) -> None:
        """Translates all code anew."""
        self._is_stale = False
        self._blocks.clear()
        self.counter.forget()
        uc.forget_code(self._engine)

    # What the counter calls: nothing here may raise, an exception would be lost in C.

    def measure(self, address: int, size: int) -> Block | None:
        """See `counter.Host`."""
        known = self._blocks.get(address)
        if known and known.bytes == size:  # its code has changed, its translation has not
            self._translate_again()
            return None
        block = self._read_block(address, size)
        if block.undefined and block.undefined not in self._watched:
            self._watch(block.undefined)
            self._translate_again()
            return None
        self._blocks[address] = block
        return block

    def service(self) -> None:
        """See `counter.Host`."""
        self.moment.at_entry = True
        self._guarded(self._around.service)
        self.moment.at_entry = False

    def _read_block(self, address: int, size: int) -> Block:
        return read_block(address, self._memory.read(address, size), self._processor.decode)

    def _make_engine(self, registers: tuple[tuple[int, int], ...]) -> Any:
        engine = uc.create(self._processor.model)
        self._memory.map_into(engine)
        self._mapped = [
            uc.map_registers(engine, base, size, self._read, self._write)
            for base, size in registers
        ]
        uc.hook_exceptions(engine, self._on_exception)
        self.counter.attach(engine)
        return engine

    def _translate_again(self) -> None:
        self._is_stale = True
        self._engine.emu_stop()

    def _watch(self, address: int) -> None:
        """Unicorn would run what the processor does not have; there, that is a fault."""
        self._watched.add(address)

        def refuse() -> None:
            if self._read_block(address, 4).undefined == address:
                self._on_exception(uc.UNDEFINED)

        uc.hook_instruction(self._engine, address, refuse)

    def _run_until_stopped(self) -> None:
        fault = ""
        try:
            self._engine.emu_start(self._engine.reg_read(uc.PC) | 1, _NOWHERE)
        except uc.EngineError as error:
            fault = str(error)
        if self._error is not None:
            raise self._crash(str(self._error)) from self._error
        if self._halted:
            return
        if self._is_stale:
            self.forget_code()
            return
        if self._is_asked and not fault and self._exception is None:
            self._settle(self._engine.reg_read(uc.PC))
            return
        try:
            self._go_on(fault)
        except exceptions.LockupError as error:
            raise self._crash(str(error)) from None

    def _go_on(self, fault: str) -> None:
        """After the engine stopped: a fault, an exception, an interrupt, or WFI."""
        pc = self._engine.reg_read(uc.PC)
        exception, self._exception = self._exception, None
        self._settle(pc)
        if fault:
            self._fault(fault, pc)
        elif exception == uc.SUPERVISOR_CALL:
            self._enter(exceptions.SV_CALL, pc)
        elif exception == uc.EXCEPTION_EXIT:
            self._leave()
        elif exception == uc.BREAKPOINT and self._is_rom_call(pc):
            self._around.bootloader()
        elif exception is not None:
            reason = _REASONS.get(exception, f"exception {exception} of the engine")
            self._fault(reason.format(architecture=self._processor.architecture), pc)
        else:
            self._around.wait()

    def _is_rom_call(self, pc: int) -> bool:
        return self._memory.is_rom(pc) and self._memory.read(pc, 1) == _ROM_CALL

    def _fault(self, reason: str, pc: int) -> None:
        message = f"hard fault at 0x{pc:08x}: {reason}"
        try:
            self._enter(exceptions.HARD_FAULT, pc)
        except exceptions.LockupError as error:
            raise exceptions.LockupError(f"{message}; {error}") from None
        self._around.fault(message)

    def _enter(self, exception: int, return_to: int) -> None:
        exceptions.enter(self._engine, exception, return_to, self._around.vectors())
        self._active.append(exception)
        self.counter.interrupt()
        self.counter.add(self._processor.entry_cycles)

    def _interrupt(self) -> None:
        """Takes the exception that waits; looks again soon when the code holds it off."""
        self._is_asked = False
        found = self._around.interrupt(self._active)
        if found is None:
            return
        if self._engine.reg_read(uc.PRIMASK) & 1:
            soon = self.counter.cycles + self._look_again_cycles
            self.counter.service_at = min(self.counter.service_at, soon)
            self._look_again_cycles = min(2 * self._look_again_cycles, _LONGEST_LOOK_CYCLES)
            return
        self._look_again_cycles = _LOOK_AGAIN_CYCLES
        self._around.taken(found)
        self._enter(found, self._engine.reg_read(uc.PC))

    def _leave(self) -> None:
        exceptions.leave(self._engine)
        if self._active:
            self._active.pop()
        self._is_asked = True  # the next one may have waited for this

    def _settle(self, pc: int) -> None:
        """A block that stopped on its way was counted whole: takes back what did not run."""
        block = self._blocks.get(self.counter.current)
        if block and pc in block.starts:
            self.counter.add(block.starts[pc] - block.cycles)
            self.counter.interrupt()

    def _crash(self, reason: str) -> CrashError:
        registers = {name: self._engine.reg_read(number) for name, number in uc.REGISTERS.items()}
        return CrashError(reason, registers)

    # What the engine calls. Exceptions are kept until it has stopped.

    def _read(self, address: int, size: int) -> int:
        try:
            return self._around.read(address, size)
        except Exception as error:
            self._fail(error)
            return 0

    def _write(self, address: int, size: int, value: int) -> None:
        self._guarded(lambda: self._around.write(address, size, value))

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
