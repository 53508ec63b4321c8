"""The instruction decoder, against an independent disassembler."""

from __future__ import annotations

import struct

import pytest

from edgekit.emulate.unicorn.blocks import read_block
from edgekit.emulate.unicorn.thumb import Instruction, decode

capstone = pytest.importorskip("capstone", reason="a second opinion on instructions")

# Cycles by mnemonic; what takes N registers or goes elsewhere is worked out below.
LOADS = ("ldr", "ldrb", "ldrh", "ldrsb", "ldrsh", "str", "strb", "strh")
TWO = {*LOADS, "bx", "blx", "wfe", "wfi"}
BY_OFFSET = {"ldr": 4, "ldrb": 1, "ldrh": 2, "ldrsb": 1, "ldrsh": 2}
BY_OFFSET |= {"str": 4, "strb": 1, "strh": 2}


@pytest.fixture(scope="module")
def disassembler() -> object:
    mode = capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
    found = capstone.Cs(capstone.CS_ARCH_ARM, mode)
    found.detail = True
    return found


def _expected(instruction: object) -> tuple[int, bool]:
    """Cycles and whether it is conditional, from text alone."""
    name, operands = instruction.mnemonic.removesuffix(".w"), instruction.op_str
    registers = len(instruction.operands)
    if name in ("push", "pop", "ldm", "stm"):
        listed = registers - (name in ("ldm", "stm"))
        return 1 + listed + 2 * ("pc" in operands), False
    if name == "b":
        return 2, False
    if instruction.group(capstone.arm.ARM_GRP_JUMP) and name not in ("bx", "blx", "mov", "add"):
        return 1, True
    if name in ("mov", "add") and operands.startswith("pc"):
        return 2, False
    return (2 if name in TWO else 1), False


def test_every_halfword_agrees_with_the_disassembler(disassembler: object) -> None:
    wrong = []
    for first in range(0xE800):
        found = decode(first, 0)
        instruction = next(disassembler.disasm(struct.pack("<HH", first, 0), 0x1000, 1), None)
        if instruction is None or _is_refused(first):
            continue  # what is refused is checked below, both ways
        if found is None or (found.cycles, found.is_conditional) != _expected(instruction):
            wrong.append((hex(first), instruction.mnemonic, instruction.op_str, found))
    assert not wrong


def _is_refused(first: int) -> bool:
    """What ARMv6-M leaves undefined among 16-bit encodings (DDI 0419E A5.2)."""
    is_it = first & 0xFF00 == 0xBF00 and first & 15 != 0
    is_misc_gap = first & 0xFF00 in (0xB100, 0xB300, 0xB700, 0xB800, 0xB900, 0xBB00)
    is_cps_gap = first & 0xFF00 == 0xB600 and first & 0xFFEF != 0xB662
    is_udf = first & 0xFF00 == 0xDE00
    is_rev_gap = first & 0xFFC0 == 0xBA80
    is_v8m = first & 0xFF00 == 0x4700 and first & 7 != 0
    return is_v8m or is_it or is_misc_gap or is_cps_gap or is_udf or is_rev_gap


def test_exactly_what_v6m_lacks_is_refused() -> None:
    assert [hex(i) for i in range(0xE800) if (decode(i, 0) is None) != _is_refused(i)] == []


@pytest.mark.parametrize(
    ("first", "second", "cycles"),
    [
        (0xF000, 0xF801, 3),  # bl
        (0xF3EF, 0x8010, 3),  # mrs r0, primask
        (0xF380, 0x8810, 3),  # msr primask, r0
        (0xF3BF, 0x8F4F, 3),  # dsb
        (0xF3BF, 0x8F5F, 3),  # dmb
        (0xF3BF, 0x8F6F, 3),  # isb
    ],
)
def test_six_instructions_have_32_bits(first: int, second: int, cycles: int) -> None:
    assert decode(first, second) == Instruction(4, cycles)


@pytest.mark.parametrize(
    ("first", "second"),
    [(0xFBB1, 0xF1F1), (0xF240, 0x0001), (0xF000, 0xE800), (0xE8BD, 0x8010), (0xEE00, 0x0000)],
    ids=["udiv", "movw", "blx", "ldm.w", "coprocessor"],
)
def test_thumb_2_is_refused(first: int, second: int) -> None:
    assert decode(first, second) is None


def test_loads_and_stores_know_their_address(disassembler: object) -> None:
    wrong = []
    for first in range(0x5000, 0x9000):
        access = decode(first, 0).access
        instruction = next(disassembler.disasm(struct.pack("<H", first), 0, 1))
        memory = instruction.operands[1].mem
        name = {n: disassembler.reg_name(r) for n, r in (("b", memory.base), ("i", memory.index))}
        index = None if access.index is None else f"r{access.index}"
        expected = (f"r{access.base}", index, access.offset)
        is_right = (name["b"], name["i"] or None, memory.disp) == expected
        is_right &= access.bytes == BY_OFFSET[instruction.mnemonic]
        if not is_right or access.is_load != instruction.mnemonic.startswith("l"):
            wrong.append((hex(first), instruction.mnemonic, instruction.op_str))
    assert wrong == []


def test_a_block_knows_where_its_instructions_start() -> None:
    code = struct.pack("<5H", 0x2001, 0xF3EF, 0x8010, 0x6808, 0xD0FE)  # movs mrs ldr beq
    block = read_block(0x1000, code, decode)
    assert (block.cycles, block.instructions, block.fallthrough) == (1 + 3 + 2 + 1, 4, 0x100A)
    assert block.starts == {0x1000: 0, 0x1002: 1, 0x1006: 4, 0x1008: 6}
    assert [cycles for cycles, _ in block.accesses] == [4]


def test_a_block_ends_at_what_is_undefined() -> None:
    block = read_block(0x1000, struct.pack("<3H", 0x2001, 0xB100, 0x2001), decode)
    assert (block.undefined, block.cycles, block.instructions) == (0x1002, 1, 1)
