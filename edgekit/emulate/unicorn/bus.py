"""Brings register accesses to their peripheral: the chips' aliases, lanes and wait states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from edgekit.emulate.unicorn.moment import Moment
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral
from edgekit.emulate.unicorn.peripherals.resets import Resets

_PAGE_BITS = 12
_ALIAS_BYTES = 0x1000
# Narrow values are put on all lanes of the bus; registers take all 32 bits (RP2040 datasheet 2.1.5,
# RP2350 datasheet 2.1.5).
_LANES = {1: 0x0101_0101, 2: 0x0001_0001, 4: 1}
_WORD = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class ExtraCycles:
    """What an access to a register takes more than one to SRAM, by the address's top four bits."""

    read: Mapping[int, int] = field(default_factory=dict)
    write: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Route:
    """What the register addresses of 4 KiB, or one of them, mean."""

    peripheral: Peripheral
    alias: int  # 0 plain, 1 toggle, 2 set, 3 clear


class Bus:
    """All peripherals of the chip.

    `report` is told of accesses that nothing models; `clocks_changed` is called after writes to
    what makes clocks.
    """

    def __init__(
        self,
        peripherals: Iterable[Peripheral],
        resets: Resets,
        moment: Moment,
        report: Callable[[str], None],
        clocks_changed: Callable[[], None],
        extra: ExtraCycles,
    ) -> None:
        self._resets = resets
        self._moment = moment
        self._report = report
        self._clocks_changed = clocks_changed
        self._extra = extra
        self._pages: dict[int, _Route] = {}
        self._checked: dict[int, _Route] = {}  # by address: known registers, out of reset
        for peripheral in peripherals:
            for alias in range(4 if peripheral.has_aliases else 1):
                page = (peripheral.base + alias * _ALIAS_BYTES) >> _PAGE_BITS
                self._pages[page] = _Route(peripheral, alias)

    def read(self, address: int, size: int) -> int:
        """The 1, 2 or 4 bytes at a register address."""
        route = self._checked.get(address) or self._find(address, "read")
        value = 0
        if route:
            self._moment.begin_access(address, True)
            value = route.peripheral.load(address & 0xFFC)
        self._moment.end_access(self._extra.read.get(address >> 28, 0))
        return value if size == 4 else value >> (address & 3) * 8 & (1 << size * 8) - 1

    def write(self, address: int, size: int, value: int) -> None:
        """Writes 1, 2 or 4 bytes to a register address."""
        route = self._checked.get(address) or self._find(address, "written")
        if route:
            self._moment.begin_access(address, False)
            self._store(route, address & 0xFFC, value * _LANES[size] & _WORD)
        self._moment.end_access(self._extra.write.get(address >> 28, 0))

    def _store(self, route: _Route, offset: int, value: int) -> None:
        peripheral = route.peripheral
        if route.alias:
            old = peripheral.peek(offset)
            value = (0, old ^ value, old | value, old & ~value)[route.alias]
        peripheral.store(offset, value)
        if peripheral.sets_clocks and offset not in peripheral.unclocked:
            self._clocks_changed()
        elif peripheral is self._resets:
            self._checked.clear()

    def _find(self, address: int, how: str) -> _Route | None:
        """Where an access goes; None when it has no effect. Reports what a real chip would not
        take, or what is not modelled."""
        route = self._pages.get(address >> _PAGE_BITS)
        if route is None:
            self._report(f"no register is emulated at 0x{address:08x} ({how})")
            return None
        peripheral = route.peripheral
        if address & 0xFFC not in peripheral.registers:
            where = f"{peripheral.name} + 0x{address & 0xFFC:03x}"
            self._report(f"the register {where} is not emulated ({how})")
        elif peripheral.reset_bit is not None and self._resets.is_held(peripheral.reset_bit):
            self._report(f"{peripheral.name} was {how} while held in reset")
            return None
        else:
            self._checked[address] = route
        return route
