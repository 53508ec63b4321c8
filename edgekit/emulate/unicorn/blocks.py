"""Basic blocks: what running one straight through costs, and where inside it an access stands."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from edgekit.emulate.unicorn.thumb import Access, Instruction

Decode = Callable[[int, int], "Instruction | None"]
"""The instruction that starts with a halfword, given the one after it; None for one that the
processor does not have."""


@dataclass(frozen=True, slots=True)
class Block:
    """A straight run of instructions, as the engine translates it.

    `cycles` counts a conditional branch at its end as not taken; `fallthrough` is then where it
    goes when not taken, and 0 for blocks that end in another way. `starts` maps the address of
    each instruction to the cycles spent in the block before it; `accesses` lists the possible
    register accesses, in order, with the same cycles. `undefined` is the address of the first
    instruction that the processor does not have, where the block ends for it, or 0.
    """

    bytes: int
    cycles: int
    instructions: int
    fallthrough: int
    starts: dict[int, int]
    accesses: tuple[tuple[int, Access], ...]
    undefined: int


def read_block(address: int, code: bytes, decode: Decode) -> Block:
    """The block of these bytes at this address."""
    halfwords = (*struct.unpack(f"<{len(code) // 2}H", code), 0)
    at = cycles = undefined = 0
    starts: dict[int, int] = {}
    accesses: list[tuple[int, Access]] = []
    ends_conditional = False
    while at < len(code) // 2:
        found = decode(halfwords[at], halfwords[at + 1])
        if found is None:
            undefined = address + at * 2
            break
        starts[address + at * 2] = cycles
        if found.access:
            accesses.append((cycles, found.access))
        ends_conditional = found.is_conditional
        cycles += found.cycles
        at += found.bytes // 2
    fallthrough = address + len(code) if ends_conditional and not undefined else 0
    return Block(len(code), cycles, len(starts), fallthrough, starts, tuple(accesses), undefined)


class Locator:
    """Finds how far into its block the processor is when it accesses a register.

    The engine tells the address accessed but not the instruction. Of the block's loads and
    stores, it is the first, after the last one found, whose address comes out right with the
    registers as they are. Wrong only when a base register was loaded anew in between and both its
    values lead to the same address.
    """

    def __init__(self, read_register: Callable[[int], int]) -> None:
        self._read_register = read_register
        self._run = -1
        self._next = 0

    def cycles_before(self, block: Block, run: int, address: int, is_load: bool) -> int:
        """Cycles of `block` before the access; `run` differs for each time a block is entered."""
        first = self._next if run == self._run else 0
        for number in range(first, len(block.accesses)):
            cycles, access = block.accesses[number]
            if access.is_load == is_load and self._address_of(access) == address:
                self._run, self._next = run, number + 1
                return cycles
        return 0

    def _address_of(self, access: Access) -> int:
        offset = access.offset
        if access.index is not None:
            offset = self._read_register(access.index) << access.shift
        return (self._read_register(access.base) + offset) & 0xFFFF_FFFF
