"""Brings register accesses to their peripheral: the RP2040's aliases, lanes and wait states."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edgekit.emulate.unicorn.moment import Moment
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral
from edgekit.emulate.unicorn.peripherals.resets import Resets

# The address ranges in which registers lie: (base, bytes), whole pages of the engine.
WINDOWS = (
    (0x1400_0000, 0x1_0000),  # XIP control
    (0x1800_0000, 0x4000),  # XIP SSI
    (0x4000_0000, 0x7_0000),  # APB
    (0x5000_0000, 0x40_0000),  # AHB-Lite: DMA, USB, PIO
    (0xD000_0000, 0x2000),  # SIO
    (0xE000_0000, 0x10_0000),  # the processor's own
)
# Cycles beside the 2 of an access to SRAM, by the address's top four bits: (read, write). An APB
# read takes 3 bus cycles and a write 4 where SRAM takes 1 (RP2040 datasheet 2.1.4); SIO saves one.
_EXTRA_CYCLES = {0x4: (2, 3), 0xD: (-1, -1)}
_PAGE_BITS = 12
_ALIAS_BYTES = 0x1000
# Narrow values are put on all lanes of the bus; registers take all 32 bits (2.1.5).
_LANES = {1: 0x0101_0101, 2: 0x0001_0001, 4: 1}
_WORD = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class _Page:
    """What 4 KiB of register addresses mean."""

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
    ) -> None:
        self._resets = resets
        self._moment = moment
        self._report = report
        self._clocks_changed = clocks_changed
        self._pages: dict[int, _Page] = {}
        for peripheral in peripherals:
            for alias in range(4 if peripheral.has_aliases else 1):
                page = (peripheral.base + alias * _ALIAS_BYTES) >> _PAGE_BITS
                self._pages[page] = _Page(peripheral, alias)

    def read(self, address: int, size: int) -> int:
        """The 1, 2 or 4 bytes at a register address."""
        page = self._page(address, "read")
        value = 0
        if page:
            self._moment.begin_access(address, is_load=True)
            value = page.peripheral.load(address & 0xFFC)
        self._moment.end_access(_EXTRA_CYCLES.get(address >> 28, (0, 0))[0])
        return value if size == 4 else value >> (address & 3) * 8 & (1 << size * 8) - 1

    def write(self, address: int, size: int, value: int) -> None:
        """Writes 1, 2 or 4 bytes to a register address."""
        page = self._page(address, "written")
        if page:
            self._moment.begin_access(address, is_load=False)
            self._store(page, address & 0xFFC, value * _LANES[size] & _WORD)
        self._moment.end_access(_EXTRA_CYCLES.get(address >> 28, (0, 0))[1])

    def _store(self, page: _Page, offset: int, value: int) -> None:
        if page.alias:
            old = page.peripheral.peek(offset)
            value = (0, old ^ value, old | value, old & ~value)[page.alias]
        page.peripheral.store(offset, value)
        if page.peripheral.sets_clocks:
            self._clocks_changed()

    def _page(self, address: int, how: str) -> _Page | None:
        """Where an access goes; None when it has no effect."""
        page = self._pages.get(address >> _PAGE_BITS)
        if page is None:
            self._report(f"no register is emulated at 0x{address:08x} ({how})")
            return None
        peripheral = page.peripheral
        if address & 0xFFC not in peripheral.registers:
            where = f"{peripheral.name} + 0x{address & 0xFFC:03x}"
            self._report(f"the register {where} is not emulated ({how})")
        if peripheral.reset_bit is not None and self._resets.is_held(peripheral.reset_bit):
            self._report(f"{peripheral.name} was {how} while held in reset")
            return None
        return page
