"""C on emulated MPS boards, its instructions counted: harness/ holds what runs there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from edgekit import boards
from edgekit.boards import Board
from edgekit.build import image, template
from edgekit.build.toolchain import Toolchain
from edgekit.emulate import engine_of
from edgekit.emulate.qemu.machine import Machine
from edgekit.errors import DeviceError, DoesNotFitError
from edgekit.paths import firmware_templates_folder

HARNESS = Path(__file__).parent / "harness"
_MPS2 = firmware_templates_folder() / "mps2"
FREESTANDING = firmware_templates_folder() / "freestanding"
"""Memory functions, and a string.h that would hide a C library's."""
INCLUDES = (HARNESS, _MPS2, firmware_templates_folder() / "common")
"""What code of the harness includes, beside the folder of `write_config`."""
MACHINES = {
    "cortex-m0plus": "mps2-an385",
    "cortex-m3": "mps2-an385",
    "cortex-m4": "mps2-an386",
    "cortex-m7": "mps2-an500",
    "cortex-m33": "mps2-an505",
    "cortex-m55": "mps3-an547",
}
"""The board that runs a core's code: QEMU has none with a Cortex-M0+ and memory enough, but an M3
runs the same instructions."""
_SILENCE_S = 120.0


@dataclass(frozen=True)
class Job:
    """A file to compile."""

    source: Path
    optimise: str
    includes: tuple[Path, ...]


def board_of(core: str) -> Board:
    """The board; for Cortex-M0+ as one with the Pico's core and kernels."""
    board = boards.load(MACHINES[core])
    if board.core.id == core:
        return board
    pico = boards.load("pico")
    cpu = structs.replace(board.cpu, kernels=pico.kernels)
    return structs.replace(board, core=pico.core, cpu=cpu)


def write_config(board: Board, folder: Path) -> None:
    """`ek_config.h` for the harness: where the board's registers are."""
    values = {"CLOCK_HZ": board.cpu.clock_hz, "BAUD": board.link.baud, "WATCHDOG_MS": 1}
    values |= {f"REG_{name.upper()}": at for name, at in board.registers.items()}
    lines = [f"#define EK_{name} {value}U" for name, value in values.items()]
    (folder / "ek_config.h").write_text("\n".join([*lines, ""]), encoding="utf-8")


def harness_jobs(folder: Path) -> tuple[Job, ...]:
    """What every program has: vectors, start and UART."""
    sources = HARNESS / "start.c", _MPS2 / "startup.c", _MPS2 / "hal_mps2.c"
    return tuple(Job(source, "-O2", (folder, *INCLUDES, FREESTANDING)) for source in sources)


def compiled(jobs: Sequence[Job], toolchain: Toolchain, folder: Path) -> tuple[Path, ...]:
    """Objects in `folder`, of as many files at once as this machine has processors."""
    objects = [folder / f"{number}-{job.source.stem}.o" for number, job in enumerate(jobs)]

    def one(job: Job, target: Path) -> None:
        toolchain.compile(job.source, target, optimise=job.optimise, includes=job.includes)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, jobs, objects))
    return tuple(objects)


def flash_image(
    objects: tuple[Path, ...], toolchain: Toolchain, board: Board, folder: Path
) -> bytes:
    """What to put into the board's flash. Raises `DoesNotFitError` when that is too small."""
    script, elf = folder / "firmware.ld", folder / "firmware.elf"
    script.write_text(template.linker_script(template.load(board), board), encoding="utf-8")
    toolchain.link(objects, script, elf)
    linked = image.read(elf.read_bytes(), board.memory)
    flash, ram = board.memory.flash.size_bytes, board.memory.ram.available_bytes
    if len(linked.flash) > flash or linked.ram_bytes > ram:
        raise DoesNotFitError(
            f"{len(linked.flash):,} B of flash, {linked.ram_bytes:,} B of RAM:"
            f" {board.id} has {flash:,} B and {ram:,} B"
        )
    return linked.flash


def run(board: Board, flash: bytes) -> list[tuple[int, ...]]:
    """The lines that the harness says, the first number of each as instructions: what was counted,
    less what reading the counter takes. Raises `DeviceError` when it does not come to its end."""
    *lines, last = _said(board, flash).split("\n")[:-1] or [""]
    if last != "end":
        raise DeviceError(f"{board.id} stopped after {len(lines)} lines: {last or 'nothing'!r}")
    (reading,), *rows = [[int(word, 16) for word in line.split()] for line in lines]
    return [(_instructions(board, row[0] - reading), *row[1:]) for row in rows]


def _instructions(board: Board, ticks: int) -> int:
    found = engine_of(board).instructions(ticks, board.registers["counter_hz"])
    assert found is not None
    return found


def _said(board: Board, flash: bytes) -> str:
    machine = Machine(board, flash)
    machine.uart.settimeout(_SILENCE_S)
    try:
        return b"".join(iter(lambda: machine.uart.recv(1 << 16), b"")).decode()
    except TimeoutError:
        raise DeviceError(f"{board.id} said nothing for {_SILENCE_S:.0f} s") from None
    finally:
        machine.close()
