"""Core 1 of the emulated Pico, launched as the boot ROM wants it."""

from __future__ import annotations

from pathlib import Path

import pytest
from emulate.thumb_programs import COUNTERS, RAM, run, words

pytestmark = pytest.mark.emulator

_MACROS = """
    .macro push_word register
1:  ldr r6, [r7, #0x50]
    lsls r6, r6, #30
    bpl 1b
    str \\register, [r7, #0x54]
    .endm
    .macro pop_word register
1:  ldr r6, [r7, #0x50]
    lsls r6, r6, #31
    beq 1b
    ldr \\register, [r7, #0x58]
    .endm
    .macro launch
    ldr r7, =0xD0000000
    movs r0, #0
    push_word r0
    pop_word r1
    push_word r0
    pop_word r1
    movs r0, #1
    push_word r0
    pop_word r1
    ldr r0, =0x10000100
    push_word r0
    pop_word r1
    ldr r0, =0x20018000
    push_word r0
    pop_word r1
    adr r0, other
    adds r0, #1
    push_word r0
    pop_word r1
    .endm
"""
_TICKS_ON = """
    set 0xE000E014, 0xFFFFFF
    set 0xE000E018, 0
    set 0xE000E010, 5
"""


@pytest.mark.parametrize("counting", COUNTERS)
def test_both_cores_work_at_the_same_time(counting: str, tmp_path: Path) -> None:
    """Each turns 1000 loops of 3 cycles; waited for, that takes as long as one core's."""
    board = run(
        tmp_path,
        f"""
        {_MACROS}
        {_TICKS_ON}
        launch
        ldr r5, =0xE000E018
        ldr r4, [r5]
        ldr r0, =1000
        push_word r0
    2:  subs r0, #1
        bne 2b
        pop_word r1
        ldr r5, [r5]
        subs r4, r4, r5
        ldr r0, =0x{RAM:x}
        str r4, [r0]
        str r1, [r0, #4]
        reset
        .align 2
    other:
        ldr r7, =0xD0000000
    3:  pop_word r0
        mov r2, r0
    4:  subs r0, #1
        bne 4b
        adds r2, #7
        push_word r2
        b 3b
        """,
        counting=COUNTERS[counting],
    )
    cycles, answer = words(board, 2)
    assert answer == 1007
    assert 3000 < cycles < 3100
    assert not board.log.notes


def test_core_0_waits_as_long_as_core_1_works(tmp_path: Path) -> None:
    board = run(
        tmp_path,
        f"""
        {_MACROS}
        {_TICKS_ON}
        launch
        ldr r5, =0xE000E018
        ldr r4, [r5]
        ldr r0, =100000
        push_word r0
        pop_word r1
        ldr r5, [r5]
        subs r4, r4, r5
        ldr r0, =0x{RAM:x}
        str r4, [r0]
        reset
        .align 2
    other:
        ldr r7, =0xD0000000
        pop_word r0
    4:  subs r0, #1
        bne 4b
        push_word r0
        pop_word r0
        """,
    )
    assert 300_000 < words(board, 1)[0] < 300_100


def test_a_launch_that_goes_wrong_starts_nothing(tmp_path: Path) -> None:
    """The boot ROM echoes words only while they are those of a launch."""
    board = run(
        tmp_path,
        f"""
        {_MACROS}
        ldr r7, =0xD0000000
        movs r0, #5
        push_word r0
        ldr r0, [r7, #0x50]
        ldr r1, =0x{RAM:x}
        str r0, [r1]
        reset
        """,
    )
    assert words(board, 1) == (2,)


def test_a_fault_of_core_1_is_told(tmp_path: Path) -> None:
    board = run(
        tmp_path,
        f"""
        {_MACROS}
        launch
        movs r0, #1
        push_word r0
        reset
        .align 2
    other:
        ldr r0, =0x90000000
        ldr r0, [r0]
        """,
        fault_handler=2,
    )
    assert any("core 1: hard fault" in fault for fault in board.log.faults)
