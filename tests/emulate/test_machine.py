"""What the processor does when things go wrong, and across resets."""

from __future__ import annotations

from pathlib import Path

import pytest
from emulate.thumb_programs import COUNTERS, RAM, STACK, Wire, assemble, flash_image, run, words
from emulate.thumb_programs import machine as make_machine

from edgekit.emulate.unicorn.core import CrashError
from edgekit.emulate.unicorn.machine import Stop

pytestmark = pytest.mark.emulator

# The fault handler comes first, at offset 4: stores its frame's PC, its LR and IPSR, then resets.
FAULTING = """
    b start
    nop
handler:
    mrs r2, ipsr
    mov r1, lr
    ldr r0, [sp, #24]
    ldr r3, =0x20000000
    stmia r3!, {{r0, r1, r2}}
    mov r0, sp
    stmia r3!, {{r0}}
    reset
    .balign 64
start:
    {fault}
"""
FAULT_AT = 0x1000_0200 + 64
HANDLER = 4


@pytest.mark.parametrize(
    ("fault", "instructions_before"),
    [
        ("movs r0, #0xF; lsls r0, #28; ldr r1, [r0]", 2),
        ("movs r0, #0xF; lsls r0, #28; str r1, [r0]", 2),
        ("movs r0, #1; lsls r0, #28; str r1, [r0]", 2),
        ("bkpt #1", 0),
    ],
    ids=["load", "store", "store to flash", "breakpoint"],
)
def test_a_fault_reaches_the_handler(tmp_path: Path, fault: str, instructions_before: int) -> None:
    source = FAULTING.format(fault=fault.replace("; ", "\n"))
    board = run(tmp_path, source, fault_handler=HANDLER)
    expected_pc = FAULT_AT + 2 * instructions_before
    assert words(board, 4) == (expected_pc, 0xFFFF_FFF9, 3, STACK - 32)
    assert [f"0x{expected_pc:08x}" in fault for fault in board.log.faults] == [True]


def test_a_jump_to_nowhere_reaches_the_handler(tmp_path: Path) -> None:
    source = FAULTING.format(fault="movs r0, #7\nlsls r0, #28\nadds r0, #1\nbx r0")
    board = run(tmp_path, source, fault_handler=HANDLER)
    assert words(board, 1) == (0x7000_0000,)


def test_a_stack_outside_memory_still_reaches_the_handler(tmp_path: Path) -> None:
    source = """
        b start
        nop
        ldr r0, =0x20010000
        mov sp, r0
        ldr r1, =0x20000000
        str r0, [r1]
        reset
        .balign 64
    start:
        ldr r0, =0x1FFFFFF0
        mov sp, r0
        push {r0-r3}
    """
    board = run(tmp_path, source, fault_handler=HANDLER)
    assert words(board, 1) == (0x2001_0000,)
    assert len(board.log.faults) == 1


def test_a_fault_without_a_handler_is_a_crash_with_registers(tmp_path: Path) -> None:
    with pytest.raises(
        CrashError, match=r"0x10000206.*READ_UNMAPPED.*vector of exception 3"
    ) as caught:
        run(tmp_path, "movs r3, #42\nmovs r0, #0xF\nlsls r0, #28\nldr r1, [r0]")
    assert caught.value.registers["r3"] == 42
    assert caught.value.registers["pc"] == 0x1000_0206


def test_a_fault_in_the_fault_handler_is_a_crash(tmp_path: Path) -> None:
    source = (
        "b start\nnop\nldr r1, [r0]\n.balign 64\nstart: movs r0, #0xF\nlsls r0, #28\nldr r1, [r0]"
    )
    with pytest.raises(CrashError, match="inside the hard fault handler"):
        run(tmp_path, source, fault_handler=HANDLER)


@pytest.mark.parametrize("counting", COUNTERS.values(), ids=COUNTERS.keys())
@pytest.mark.parametrize("code", ["0xFBB1, 0xF1F1", "0xB100", "0xBF08", "0xF240, 0x0001"])
def test_an_instruction_of_a_larger_core_faults(tmp_path: Path, code: str, counting: type) -> None:
    """UDIV, CBZ, IT, MOVW: Unicorn would run them. What stands before them runs."""
    source = f"movs r0, #9\nb 1f\n1: movs r0, #1\n.hword {code}\nmovs r0, #2\nreset"
    with pytest.raises(CrashError, match="that ARMv6-M does not have") as caught:
        run(tmp_path, source, counting=counting)
    assert caught.value.registers["r0"] == 1
    assert caught.value.registers["pc"] == 0x1000_0206


def test_what_stands_after_a_fault_does_not_count(tmp_path: Path) -> None:
    source = FAULTING.format(fault="bkpt #1\n.hword 0xB100")
    board = run(tmp_path, source, fault_handler=HANDLER)
    assert words(board, 1) == (FAULT_AT,)


def test_an_exception_returns_to_where_it_was(tmp_path: Path) -> None:
    """SVC: the handler adds to what the frame holds of r0."""
    source = """
        set 0xE000ED08, 0x20008000
        ldr r1, =0x2000802C     @ vector 11
        adr r0, handler
        adds r0, #1
        str r0, [r1]
        movs r0, #40
        movs r1, #0
        cmp r1, r1
        svc #0
        beq 1f                  @ the flags come back as well
        movs r0, #0
    1:  ldr r1, =0x20000000
        str r0, [r1]
        mov r0, sp
        str r0, [r1, #4]
        reset
        .balign 4
    handler:
        ldr r0, [sp]
        adds r0, #2
        str r0, [sp]
        bx lr
    """
    board = run(tmp_path, source)
    assert words(board, 2) == (42, STACK)


def test_memory_outlives_a_reset_and_registers_do_not(tmp_path: Path) -> None:
    source = """
        ldr r4, =0x20000000
        ldr r5, [r4]
        adds r5, #1
        str r5, [r4]
        str r7, [r4, #4]
        movs r7, #99
        ldr r3, =0x40034024
        ldr r6, [r3]
        str r6, [r4, #8]
        set 0x4000F000, 0x00400120
        set 0x40034024, 67
        reset
    """
    board = make_machine(tmp_path, flash_image(assemble(source)))
    assert [board.run(), board.run(), board.run()] == [Stop.RESET] * 3
    assert words(board, 3) == (3, 0, 0)
    assert board.resets == 3


def test_flash_is_read_again_at_every_reset(tmp_path: Path) -> None:
    image = flash_image(assemble("ldr r0, =0x20000000\nldr r1, =111\nstr r1, [r0]\nreset"))
    board = make_machine(tmp_path, image)
    board.run()
    assert words(board, 1) == (111,)
    other = flash_image(assemble("ldr r0, =0x20000000\nldr r1, =222\nstr r1, [r0]\nreset"))
    (tmp_path / "flash.bin").write_bytes(other)
    board.run()
    assert words(board, 1) == (222,)


def test_what_was_sent_before_a_reset_arrives(tmp_path: Path) -> None:
    wire = Wire()
    run(tmp_path, "uart_on\nset 0x40034000, 65\nreset", wire=wire)
    assert wire.heard == b"A"


def test_the_rom_leads_to_the_bootloader(tmp_path: Path) -> None:
    source = """
        movs r4, #0
        ldrh r0, [r4, #0x14]
        ldr r1, =0x4255
        ldrh r2, [r4, #0x18]
        blx r2
        blx r0
    """
    assert make_machine(tmp_path, flash_image(assemble(source))).run() is Stop.BOOTLOADER


@pytest.mark.parametrize("image", [b"", b"\xff" * 4096], ids=["no file", "erased"])
def test_an_empty_flash_is_called_empty(tmp_path: Path, image: bytes) -> None:
    assert make_machine(tmp_path, image).boot_problem() == "the flash is empty"


def test_a_damaged_second_stage_is_named_with_both_checksums(tmp_path: Path) -> None:
    image = bytearray(flash_image(assemble("reset")))
    assert make_machine(tmp_path, bytes(image)).boot_problem() == ""
    image[10] ^= 1
    assert "its CRC is 0x" in make_machine(tmp_path, bytes(image)).boot_problem()


def test_the_second_stage_finds_what_the_boot_rom_leaves(tmp_path: Path) -> None:
    """LR is 0, which tells it to enter the image and not to return; it runs at the top of SRAM."""
    source = "ldr r0, =0x20000000\nmov r1, lr\nstr r1, [r0]\nreset"
    board = make_machine(tmp_path, flash_image(assemble(source)))
    board.run()
    assert words(board, 1, RAM) == (0,)
    assert board.read_memory(0x2004_1F00, 256) == (tmp_path / "flash.bin").read_bytes()[:256]


def test_waiting_for_an_interrupt_lets_the_process_rest(tmp_path: Path) -> None:
    wire = Wire()
    board = run(tmp_path, "movs r0, #1\nwfi\nwfi\nreset", wire=wire)
    assert wire.waits == 2
    assert board.idle_cycles > 0
