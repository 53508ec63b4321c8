"""Small Thumb programs for the emulated Pico: assembled, put into a flash image, run."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

from elftools.elf.elffile import ELFFile

from edgekit import boards
from edgekit.boards.boot2 import crc32_mpeg2
from edgekit.emulate.endpoints import Endpoint
from edgekit.emulate.unicorn.counter import Counter, Host
from edgekit.emulate.unicorn.given import Given
from edgekit.emulate.unicorn.machine import Machine
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.native_counter import NativeCounter
from edgekit.emulate.unicorn.python_counter import PythonCounter

PICO = boards.load("pico")
RAM = 0x2000_0000
STACK = 0x2001_0000
CODE = 0x1000_0200

BOOT2 = """
    ldr r0, =0x10000100
    ldr r1, =0xE000ED08
    str r0, [r1]
    ldmia r0!, {r1, r2}
    msr msp, r1
    bx r2
"""

# Macros for the programs: `set ADDRESS, VALUE` writes a word; `reset` ends the run.
PRELUDE = """
    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .macro set address, value
    ldr r0, =\\address
    ldr r1, =\\value
    str r1, [r0]
    .endm
    .macro reset
    set 0xE000ED0C, 0x05FA0004
    b .
    .endm
    .macro uart_on
    set 0x40024000, 0x00FABAA0
    set 0x40008030, 2
    set 0x40008048, 0x880
    set 0x4000F000, 0x00400120
    set 0x40034024, 6
    set 0x40034028, 33
    set 0x4003402C, 0x70
    set 0x40034030, 0x301
    set 0x40014004, 2
    set 0x4001400C, 2
    .endm
"""


@cache
def assemble(source: str) -> bytes:
    """The code of an assembly source, position independent but for what it says itself."""
    gcc = shutil.which("arm-none-eabi-gcc")
    command = [gcc] if gcc else [sys.executable, "-m", "ziglang", "cc"]
    target = [] if gcc else ["-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0plus"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.S"
        path.write_text(f"{PRELUDE}\n    .text\n{source}\n    .ltorg\n")
        done = subprocess.run(
            [*command, *target, "-c", path, "-o", path.with_suffix(".o")],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        elf = ELFFile(BytesIO(path.with_suffix(".o").read_bytes()))
    relocations = elf.get_section_by_name(".rel.text")
    assert relocations is None or not relocations.num_relocations(), "it would need a linker"
    return bytes(elf.get_section_by_name(".text").data())


def flash_image(code: bytes, *, fault_handler: int = 0) -> bytes:
    """A flash that boots `code`, which lies at `CODE`. `fault_handler` is an offset into it."""
    boot2 = assemble(BOOT2).ljust(252, b"\0")
    handler = CODE + fault_handler | 1 if fault_handler else 0
    vectors = struct.pack("<4I", STACK, CODE | 1, 0, handler)
    return boot2 + struct.pack("<I", crc32_mpeg2(boot2)) + vectors.ljust(256, b"\0") + code


class Wire(Endpoint):
    """A host that says `incoming`, and keeps what it hears."""

    def __init__(self, incoming: bytes = b"") -> None:
        super().__init__()
        self.incoming = incoming
        self.heard = b""
        self.waits = 0

    def receive(self) -> bytes:
        data, self.incoming = self.incoming, b""
        return data

    def wait(self, timeout_s: float) -> None:
        self.waits += 1

    def close(self) -> None: ...

    def _write(self, data: bytes) -> int:
        self.heard += data
        return len(data)

    def _reading(self) -> list[int]:
        return []

    def _writing(self) -> list[int]:
        return []


Counting = Callable[[Host, Memory], Counter]
COUNTERS: dict[str, Counting] = {"python": PythonCounter, "native": NativeCounter}


def machine(
    folder: Path, image: bytes, *, wire: Wire | None = None, counting: Counting = PythonCounter
) -> Machine:
    """The emulated Pico with that flash, about to be run."""
    flash = folder / "flash.bin"
    flash.write_bytes(image)
    return Machine(Given.of(PICO), flash, wire or Wire(), counting)


def run(
    folder: Path,
    source: str,
    *,
    wire: Wire | None = None,
    fault_handler: int = 0,
    counting: Counting = PythonCounter,
) -> Machine:
    """Runs a program until it resets the board; gives the machine as it then is."""
    image = flash_image(assemble(source), fault_handler=fault_handler)
    board = machine(folder, image, wire=wire, counting=counting)
    board.run()
    return board


def words(board: Machine, count: int, address: int = RAM) -> tuple[int, ...]:
    """32-bit words from a machine's memory."""
    return struct.unpack(f"<{count}I", board.read_memory(address, 4 * count))
