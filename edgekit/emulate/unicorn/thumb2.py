"""ARMv8-M Mainline instructions: how long each is, and which loads and stores may reach a register.

What each costs on a Cortex-M33 we do not know well enough to call it cycles: fetches, dual issue
and waiting for loads depend on each other, and no manual gives a table. So each counts as one, and
what comes of it is called instructions. Encodings: Arm v8-M Architecture Reference Manual
(DDI 0553), C2.3 and C2.4.
"""

from __future__ import annotations

from edgekit.emulate.unicorn import thumb
from edgekit.emulate.unicorn.thumb import Access, Instruction

_SHORT, _LONG = Instruction(2, 1), Instruction(4, 1)
_PC = 15
_SIZES = (1, 2, 4)


def decode(first: int, second: int) -> Instruction:
    """The instruction that starts with halfword `first`; `second` is the one after it.

    What the processor does not have is for the engine to refuse, which knows it.
    """
    if first >> 11 >= 0b11101:
        access = _access(first, second) if first >> 9 == 0b1111100 else None
        return Instruction(4, 1, access=access) if access else _LONG
    found = thumb.decode(first, 0)
    return Instruction(2, 1, access=found.access) if found and found.access else _SHORT


def _access(first: int, second: int) -> Access | None:
    """Of LDR, LDRH, LDRB, their signed forms, and the stores."""
    base, size, is_load = first & 15, first >> 5 & 3, bool(first >> 4 & 1)
    if size >= len(_SIZES) or base == _PC:
        return None
    if first >> 7 & 1:
        return Access(base, None, second & 0xFFF, _SIZES[size], is_load)
    if second >> 11 & 1:
        return Access(base, None, _indexed(second), _SIZES[size], is_load)
    return Access(base, second & 15, 0, _SIZES[size], is_load, shift=second >> 4 & 3)


def _indexed(second: int) -> int:
    """An offset of 8 bits: added or taken away, unless only the base is changed, and afterwards."""
    is_before, is_added = second >> 10 & 1, second >> 9 & 1
    offset = second & 0xFF if is_before else 0
    return offset if is_added else -offset
