"""Runs a second-stage boot as the RP2040's boot ROM does, on just enough of an SSI.

A program: reads a flash image from stdin, prints where the boot ended up and what it left in the
SSI as one JSON object. A process of its own, because Unicorn is GPL.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from unicorn import UC_ARCH_ARM, UC_HOOK_CODE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import UC_ARM_REG_MSP, UC_ARM_REG_PC, UC_CPU_ARM_CORTEX_M0

FLASH, SRAM, SSI, PADS, SYSTEM = 0x1000_0000, 0x2000_0000, 0x1800_0000, 0x4002_0000, 0xE000_E000
BOOT = 0x2004_1F00  # where the ROM copies the first 256 bytes of flash
SSIENR, SR, DR0 = 0x08, 0x28, 0x60
VTOR = 0xD08
IDLE_AND_EMPTY, RECEIVED = 0x04, 0x08


class Flash:
    """A serial flash chip behind the SSI: answers status reads, notes commands."""

    def __init__(self, *, quad_enabled: bool) -> None:
        self.registers: dict[int, int] = {}
        self.commands: list[list[int]] = []
        self.status2 = 2 if quad_enabled else 0
        self._received: list[int] = []

    def read(self, engine: Uc, offset: int, size: int, data: Any) -> int:
        if offset == SR:
            return IDLE_AND_EMPTY | (RECEIVED if self._received else 0)
        if offset == DR0:
            return self._received.pop(0)
        return self.registers.get(offset, 0)

    def write(self, engine: Uc, offset: int, size: int, value: int, data: Any) -> None:
        if offset != DR0:
            assert offset == SSIENR or not self.registers.get(SSIENR), "changed while enabled"
            self.registers[offset] = value
            return
        assert self.registers.get(SSIENR), "sent while disabled"
        # Chip select goes up when the FIFO runs empty; a command is one or two frames here.
        if self.commands and len(self.commands[-1]) == 1 and self.commands[-1][0] != 0x50:
            self.commands[-1].append(value)
        else:
            self.commands.append([value])
        one_bit = (self.registers[0] >> 21) & 3 == 0
        if one_bit:
            reading = self.commands[-1][0] == 0x35 and len(self.commands[-1]) == 2
            self._received.append(self.status2 if reading else 0xFF)


def boot(image: bytes, *, quad_enabled: bool) -> dict[str, Any]:
    """Runs until the boot leaves its 256 bytes."""
    engine = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
    engine.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M0)
    flash = Flash(quad_enabled=quad_enabled)
    system: dict[int, int] = {}
    engine.mem_map(FLASH, 2 << 20)
    engine.mem_write(FLASH, image)
    engine.mem_map(SRAM, 264 << 10)
    engine.mem_write(BOOT, image[:256])
    engine.mmio_map(SSI, 0x1000, flash.read, None, flash.write, None)
    engine.mmio_map(PADS, 0x4000, lambda *_: 0, None, lambda *_: None, None)
    engine.mmio_map(
        SYSTEM, 0x1000, lambda *_: 0, None,
        lambda engine, offset, size, value, data: system.__setitem__(offset, value), None,
    )  # fmt: skip

    def watch(engine: Uc, address: int, size: int, data: Any) -> None:
        if not BOOT <= address < BOOT + 252:
            engine.emu_stop()

    engine.hook_add(UC_HOOK_CODE, watch)
    engine.reg_write(UC_ARM_REG_MSP, SRAM + 0x1000)
    engine.emu_start(BOOT | 1, 0, count=10_000)
    return {
        "pc": engine.reg_read(UC_ARM_REG_PC),
        "sp": engine.reg_read(UC_ARM_REG_MSP),
        "vtor": system.get(VTOR),
        "ssi": {f"{offset:#x}": value for offset, value in flash.registers.items()},
        "commands": flash.commands,
    }


if __name__ == "__main__":
    found = boot(sys.stdin.buffer.read(), quad_enabled=sys.argv[1] == "quad")
    print(json.dumps(found))
