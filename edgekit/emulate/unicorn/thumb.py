"""ARMv6-M instructions: how many cycles each takes on a Cortex-M0+, and what they may touch.

Costs are those of the Cortex-M0+ Technical Reference Manual (DDI 0484C, table 3-1), for memory
without wait states and the single-cycle multiplier that the RP2040 has:

    move, add, subtract, compare, logic, shift, extend, reverse, MULS       1
    ADD or MOV to PC                                                        2
    LDR, STR of any size, also literal and SP-relative                      2   (SIO 1: see bus.py)
    LDM, STM, PUSH, POP of N registers                                      1 + N
    POP with PC, N registers with PC counted                                3 + N
    B<cond> not taken / taken                                               1 / 2
    B, BX, BLX                                                              2
    BL                                                                      3
    MRS, MSR, DMB, DSB, ISB                                                 3
    WFI, WFE without the waiting                                            2
    NOP, YIELD, SEV, CPS, SVC, BKPT without the exception                   1

No disassembler library: the whole set is 16-bit but for six, and what is not in the set (CBZ, IT,
UDIV ...) must be refused, because Unicorn would run it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """A load or store at ``register[base]`` plus ``offset`` or ``register[index] << shift``."""

    base: int
    index: int | None
    offset: int
    bytes: int
    is_load: bool
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction. `cycles` is the cost when it falls through; a conditional branch takes one
    more when taken. `access` is set for loads and stores that might reach a register."""

    bytes: int
    cycles: int
    is_conditional: bool = False
    access: Access | None = None


_ONE = Instruction(2, 1)
_TWO = Instruction(2, 2)
_CONDITIONAL = Instruction(2, 1, is_conditional=True)
_BL = _SYSTEM = Instruction(4, 3)
_PC = 15

# Bytes and direction by bits 9..11 of the register-offset forms.
_REGISTER_FORMS = (
    (4, False),
    (2, False),
    (1, False),
    (1, True),
    (4, True),
    (2, True),
    (1, True),
    (2, True),
)


def decode(first: int, second: int) -> Instruction | None:
    """The instruction that starts with halfword `first`; `second` is the one after it.

    None when ARMv6-M has no such instruction.
    """
    if first >> 11 >= 0b11101:
        return _decode_32_bit(first, second)
    return _BY_TOP_NIBBLE[first >> 12](first)


def _simple(_first: int) -> Instruction:
    return _ONE


def _decode_4(first: int) -> Instruction | None:
    if first >> 11 == 0b01001:  # LDR literal
        return _TWO
    if first >> 10 == 0b010000:  # data processing
        return _ONE
    operation = first >> 8 & 3
    if operation == 3 and first & 7:  # BXNS and BLXNS of ARMv8-M
        return None
    target = (first >> 4 & 8) | (first & 7)
    is_jump = operation == 3 or (operation in (0, 2) and target == _PC)
    return _TWO if is_jump else _ONE


def _register_offset(first: int) -> Instruction:
    size, is_load = _REGISTER_FORMS[first >> 9 & 7]
    return Instruction(2, 2, access=Access(first >> 3 & 7, first >> 6 & 7, 0, size, is_load))


def _immediate_offset(first: int) -> Instruction:
    size = {6: 4, 7: 1, 8: 2}[first >> 12]
    offset = (first >> 6 & 31) * size
    is_load = bool(first >> 11 & 1)
    return Instruction(2, 2, access=Access(first >> 3 & 7, None, offset, size, is_load))


def _stack_relative(_first: int) -> Instruction:
    return _TWO


def _miscellaneous(first: int) -> Instruction | None:
    kind = first >> 8 & 15
    if kind in (4, 5):  # PUSH
        return Instruction(2, 1 + (first & 0x1FF).bit_count())
    if kind in (12, 13):  # POP
        with_pc = first >> 8 & 1
        return Instruction(2, (3 if with_pc else 1) + (first & 0x1FF).bit_count())
    if kind == 15:
        return _hint(first)
    if kind in (0, 2, 14):  # ADD and SUB SP, extends, BKPT
        return _ONE
    if kind == 10:  # REV, REV16, REVSH
        return _ONE if first >> 6 & 3 != 2 else None
    return _ONE if first & 0xFFEF == 0xB662 else None  # CPSIE i, CPSID i


def _hint(first: int) -> Instruction | None:
    if first & 15:  # IT
        return None
    return _TWO if first >> 4 & 15 in (2, 3) else _ONE


def _multiple(first: int) -> Instruction:
    return Instruction(2, 1 + (first & 0xFF).bit_count())


def _conditional(first: int) -> Instruction | None:
    condition = first >> 8 & 15
    if condition == 14:  # permanently undefined
        return None
    return _ONE if condition == 15 else _CONDITIONAL


def _jump(_first: int) -> Instruction:
    return _TWO


def _decode_32_bit(first: int, second: int) -> Instruction | None:
    if first >> 11 == 0b11110 and second & 0xD000 == 0xD000:
        return _BL
    is_msr = first & 0xFFF0 == 0xF380 and second & 0xFF00 == 0x8800
    is_mrs = first == 0xF3EF and second & 0xF000 == 0x8000
    is_barrier = first == 0xF3BF and second & 0xFFF0 in (0x8F40, 0x8F50, 0x8F60)
    return _SYSTEM if is_msr or is_mrs or is_barrier else None


_BY_TOP_NIBBLE = (
    _simple,
    _simple,
    _simple,
    _simple,
    _decode_4,
    _register_offset,
    _immediate_offset,
    _immediate_offset,
    _immediate_offset,
    _stack_relative,
    _simple,
    _miscellaneous,
    _multiple,
    _conditional,
    _jump,
)
