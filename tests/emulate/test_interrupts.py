"""Interrupts of the emulated Pico: SysTick, PendSV and those that software pends."""

from __future__ import annotations

from pathlib import Path

import pytest
from emulate.thumb_programs import CODE, COUNTERS, STACK, assemble, flash_image, machine, words

from edgekit.emulate.unicorn.machine import Machine
from edgekit.emulate.unicorn.peripherals.nvic import FIRST_INTERRUPT, PENDSV, SYSTICK, Nvic

pytestmark = pytest.mark.emulator

_HANDLERS = """
    b start
    nop
handler:                        @ notes IPSR at 0x20000000 and on, and counts at 0x20000100
    ldr r0, =0x20000100
    ldr r1, [r0]
    mrs r2, ipsr
    ldr r3, =0x20000000
    lsls r1, r1, #2
    str r2, [r3, r1]
    lsrs r1, r1, #2
    adds r1, #1
    str r1, [r0]
    {more}
    bx lr
    .ltorg
    .balign 4
start:
    set 0xE000ED08, 0x20000400  @ a table in RAM, every entry the handler
    ldr r0, =0x20000400
    ldr r1, =0x10000205
    movs r2, #48
1:  stmia r0!, {{r1}}
    subs r2, #1
    bne 1b
"""
_WAIT = """
    ldr r0, =0x20000100
    movs r3, #{count}
9:  ldr r1, [r0]
    cmp r1, r3
    bne 9b
"""


def _run(
    folder: Path, body: str, *, count: int, more: str = "", counting: str = "python"
) -> Machine:
    """Runs until the handler has been there `count` times."""
    source = _HANDLERS.format(more=more) + body + _WAIT.format(count=count) + "\nreset"
    board = machine(folder, flash_image(assemble(source)), counting=COUNTERS[counting])
    board.run()
    return board


def test_what_software_pends_is_taken_when_enabled(tmp_path: Path) -> None:
    board = _run(tmp_path, "set 0xE000E200, 0x120\nset 0xE000E100, 0x20", count=1)
    assert words(board, 2) == (FIRST_INTERRUPT + 5, 0)  # 8 is pending and not enabled


def test_the_more_urgent_comes_first_and_the_other_after_it(tmp_path: Path) -> None:
    body = """
    set 0xE000E404, 0x00008000  @ interrupt 5 after 8
    cpsid i
    set 0xE000E100, 0x120
    set 0xE000E200, 0x120
    cpsie i
    """
    board = _run(tmp_path, body, count=2)
    assert words(board, 2) == (FIRST_INTERRUPT + 8, FIRST_INTERRUPT + 5)


def test_primask_holds_an_interrupt_off(tmp_path: Path) -> None:
    body = """
    cpsid i
    set 0xE000E100, 0x20
    set 0xE000E200, 0x20
    ldr r1, =3000
1:  subs r1, #1
    bne 1b
    set 0x20000000, 77
    ldr r0, =0x20000100
    ldr r1, [r0]
    ldr r0, =0x20000080
    str r1, [r0]
    cpsie i
    """
    board = _run(tmp_path, body, count=1)
    assert words(board, 1, 0x2000_0080) == (0,)
    assert words(board, 1) == (FIRST_INTERRUPT + 5,)


@pytest.mark.parametrize("counting", COUNTERS)
def test_systick_interrupts_at_its_period(tmp_path: Path, counting: str) -> None:
    body = "set 0xE000E014, 19999\nset 0xE000E018, 0\nset 0xE000E010, 7"
    board = _run(tmp_path, body, count=5, counting=counting)
    assert words(board, 5) == (SYSTICK,) * 5
    assert 5 * 20_000 < board.counter.cycles < 5 * 20_000 + 3000
    assert not board.log.notes


def test_what_a_handler_pends_is_taken_right_behind_it(tmp_path: Path) -> None:
    """PendSV finds on the stack what SysTick interrupted, not SysTick."""
    more = """
    cmp r2, #15
    bne 1f
    set 0xE000ED04, 0x10000000
    bx lr
1:  ldr r0, [sp, #24]
    ldr r1, =0x20000080
    str r0, [r1]
    mov r0, sp
    str r0, [r1, #4]
    set 0xE000E010, 0
    """
    board = _run(tmp_path, "set 0xE000E014, 9999\nset 0xE000E010, 7", count=2, more=more)
    assert words(board, 2) == (SYSTICK, PENDSV)
    pc, stack = words(board, 2, 0x2000_0080)
    assert CODE < pc < CODE + 0x200
    assert stack == STACK - 32


def test_a_line_that_stays_up_interrupts_again() -> None:
    up = True
    nvic = Nvic()
    nvic.connect(20, lambda: up)
    assert nvic.next([]) is None
    nvic.write_bits(0, 1 << 20, pending=False, sets=True)
    number = nvic.next([])
    assert number == FIRST_INTERRUPT + 20
    nvic.unpend(number)
    assert nvic.next([number]) is None
    assert nvic.next([]) == number
    up = False
    assert nvic.next([]) is None
    assert nvic.read_bits(0, pending=False) == 1 << 20
