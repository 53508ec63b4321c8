"""Cycles, as the program itself reads them from SysTick, against sums done by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from emulate.cycle_programs import CASES, MEASURED, MIXED, OVERHEAD
from emulate.thumb_programs import COUNTERS, run, words

pytestmark = pytest.mark.emulator


@pytest.mark.parametrize("counting", COUNTERS.values(), ids=COUNTERS.keys())
@pytest.mark.parametrize("case", CASES.keys())
def test_cycles_are_those_of_the_manual(tmp_path: Path, case: str, counting: type) -> None:
    body, cycles = CASES[case]
    source = MEASURED.format(body=body.replace("; ", "\n    "))
    board = run(tmp_path, source, counting=counting)
    assert words(board, 1) == (OVERHEAD + cycles,)


def test_python_and_native_agree_on_everything(tmp_path: Path) -> None:
    source = MEASURED.format(body=MIXED)
    boards = [run(tmp_path, source, counting=counting) for counting in COUNTERS.values()]
    python, native = ((board.counter.cycles, board.counter.instructions) for board in boards)
    assert python == native
    assert words(boards[0], 1) == words(boards[1], 1)


def test_code_in_ram_is_measured_again_when_it_is_replaced(tmp_path: Path) -> None:
    """Two versions of a function, of the same length, run in turn from the same place."""
    source = """
        ldr r7, =0x20004000
        ldr r6, =0x47702001     @ movs r0, #1; bx lr
        str r6, [r7]
        adds r7, #1
        blx r7
        mov r5, r0
        subs r7, #1
        ldr r6, =0x47709800     @ ldr r0, [sp]; bx lr
        str r6, [r7]
        movs r0, #77
        push {r0}
        adds r7, #1
        blx r7
        ldr r1, =0x20000000
        stmia r1!, {r0, r5}
        reset
    """
    for counting in COUNTERS.values():
        board = run(tmp_path, source, counting=counting)
        assert words(board, 2) == (77, 1)
