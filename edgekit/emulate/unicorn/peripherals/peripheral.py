"""A block of registers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar


class Peripheral:
    """32-bit registers that keep what is written; subclasses give some of them a behaviour.

    `registers` maps the offset of every register that is modelled to its value after reset;
    accesses to others are reported. `reset_bit` is its bit in RESETS, if it has one; `sets_clocks`
    says that a write may change how fast a clock runs, unless it is to one of the `unclocked`.
    """

    name: ClassVar[str]
    base: ClassVar[int]
    reset_bit: ClassVar[int | None] = None
    has_aliases: ClassVar[bool] = True
    sets_clocks: ClassVar[bool] = False
    unclocked: ClassVar[Collection[int]] = ()
    registers: ClassVar[Mapping[int, int]] = MappingProxyType({})

    def __init__(self) -> None:
        self.values = dict(self.registers)

    def load(self, offset: int) -> int:
        """What a read of the register at `offset` gives, with its side effects."""
        return self.values.get(offset, 0)

    def store(self, offset: int, value: int) -> None:
        """Writes the register at `offset`."""
        self.values[offset] = value

    def peek(self, offset: int) -> int:
        """The value that the atomic aliases change: a read without side effects."""
        return self.values.get(offset, 0)


def zeros(*offsets: int | Iterable[int]) -> dict[int, int]:
    """A table of registers that are 0 after reset, from offsets and ranges of offsets."""
    table: dict[int, int] = {}
    for item in offsets:
        table.update(dict.fromkeys([item] if isinstance(item, int) else item, 0))
    return table
