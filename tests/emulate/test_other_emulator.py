"""Cycles against another RP2040 emulator: rp2040py, a port of rp2040js, in which nothing is ours.

Skipped where it is not installed: pip install rp2040py.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from emulate.cycle_programs import CASES, MEASURED, MIXED, OVERHEAD
from emulate.thumb_programs import CODE, RAM, STACK, assemble, flash_image, run, words
from support import tiny_model

from edgekit import boards, emulate
from edgekit.artifacts import write_bytes
from edgekit.build import firmware
from edgekit.link import open_link
from edgekit.link.client import Client

rp2040py = pytest.importorskip("rp2040py", reason="needs another emulator: pip install rp2040py")

PICO = boards.load("pico")
FIRST_READ, SECOND_READ = 0x68A5, 0x68A6  # ldr r5, [r4, #8]; ldr r6, [r4, #8]
# The manual's 1+N for PUSH and 3+N for a POP that returns: the other emulator leaves LR and PC out
# of N, though each is a word on the bus like any register.
LEFT_OUT = {"push with LR": 1, "a return by POP": 1}
MOST_STEPS = 200_000
NOWHERE = 0x1010_0000  # in flash, behind the firmware
STEPS = 20


def _chip(image: bytes) -> Any:
    chip = rp2040py.RP2040()
    chip.flash[: len(image)] = image
    return chip


def _cycles_between_reads(image: bytes) -> int:
    """What the other emulator counts from the first reading of SysTick to the second."""
    chip = _chip(image)
    core = chip.core
    core.pc, core.sp = CODE, STACK
    started = None
    for _ in range(MOST_STEPS):
        opcode = chip.read_uint16(core.pc)
        if opcode == FIRST_READ:
            started = core.cycles
        if opcode == SECOND_READ and started is not None:
            return int(core.cycles - started)
        core.execute_instruction()
    raise AssertionError("the program did not end")


@pytest.mark.parametrize("case", CASES.keys())
def test_instructions_take_what_the_other_emulator_says(case: str) -> None:
    body, cycles = CASES[case]
    image = flash_image(assemble(MEASURED.format(body=body.replace("; ", "\n    "))))
    assert _cycles_between_reads(image) == OVERHEAD + cycles - LEFT_OUT.get(case, 0)


def test_a_mixed_program_takes_the_same(tmp_path: Path) -> None:
    source = MEASURED.format(body=MIXED)
    ours = words(run(tmp_path, source), 1)[0]
    calls = 200  # of a function that pushes LR and pops PC
    assert _cycles_between_reads(flash_image(assemble(source))) == ours - 2 * calls


@pytest.mark.emulator
def test_a_whole_inference_takes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours counts the loop over the steps and what it tells the watchdog as well."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    compiled = tiny_model.write(tmp_path / "c", steps=STEPS)
    firmware.build(compiled, tmp_path / "c", PICO, tmp_path)
    image = (tmp_path / "firmware.bin").read_bytes()
    write_bytes(emulate.flash_image(PICO), image)
    x = tiny_model.random_input().tobytes()
    with emulate.start(PICO) as board, Client(open_link(board.port)) as client:
        ours = client.infer(x)
    symbols = _symbols((tmp_path / "firmware.elf").read_bytes())
    chip = _chip(image)
    arena = symbols["arena"] - RAM
    chip.sram[arena : arena + len(x)] = x
    other = sum(_call(chip, symbols["run_step"], step) for step in range(STEPS))
    output = bytes(chip.sram[arena : arena + tiny_model.OUTPUT_BYTES])
    assert output == ours.output == tiny_model.run(_as_int8(x), steps=STEPS)[-1].tobytes()
    assert 0 < ours.cycles - other < 80 * STEPS + 100
    assert other > 100_000


def _call(chip: Any, function: int, argument: int) -> int:
    """The cycles of a function called with one argument."""
    core = chip.core
    core.registers[0] = argument
    core.sp = STACK
    core.lr = NOWHERE | 1
    core.pc = function & ~1
    before = core.cycles
    for _ in range(MOST_STEPS):
        if core.pc == NOWHERE:
            return int(core.cycles - before)
        core.execute_instruction()
    raise AssertionError("the function did not return")


def _symbols(elf: bytes) -> dict[str, int]:
    table = ELFFile(io.BytesIO(elf)).get_section_by_name(".symtab")
    return {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()}


def _as_int8(x: bytes) -> Any:
    import numpy as np

    return np.frombuffer(x, np.int8)
