"""The RP2040's memories, ROM, flash, SRAM and USB's, as plain buffers that the engine shares."""

from __future__ import annotations

import ctypes
import mmap
from dataclasses import dataclass
from typing import Any

from edgekit.emulate.unicorn.engine import PAGE_BYTES, READ_ONLY, READ_WRITE

ROM_BASE = 0x0000_0000
ROM_BYTES = 16 << 10
# Flash appears four times: the windows differ in how they use the cache, which is not modelled.
FLASH_WINDOWS = (0x1000_0000, 0x1100_0000, 0x1200_0000, 0x1300_0000)
USB_BASE, USB_BYTES = 0x5010_0000, 4096
"""What processor and USB controller share; mapped twice over, as a page of the engine is larger."""


@dataclass(frozen=True, slots=True)
class Area:
    """One memory. The size of its buffer is a whole number of pages."""

    base: int
    buffer: mmap.mmap

    @property
    def address(self) -> int:
        """Where the buffer lies in this process."""
        return ctypes.addressof(ctypes.c_char.from_buffer(self.buffer))


class Memory:
    """All memories. `ram` and `usb` are views: their contents change as code runs."""

    def __init__(self, *, flash_bytes: int, ram_base: int, ram_bytes: int) -> None:
        self.rom_area = _area(ROM_BASE, ROM_BYTES)
        self.flash_area = _area(FLASH_WINDOWS[0], flash_bytes)
        self.ram_area = _area(ram_base, ram_bytes)
        self.ram_base = ram_base
        self.ram = memoryview(self.ram_area.buffer)
        self.usb_area = _area(USB_BASE, USB_BYTES)
        self.usb = memoryview(self.usb_area.buffer)[:USB_BYTES]

    def map_into(self, engine: Any) -> None:
        """Shows the memories to a Unicorn engine.

        The smallest last: mapped first, the engine (2.1.4) takes pages of the two after it for
        one and the same, and drops translated code at every store.
        """
        for window in FLASH_WINDOWS:
            _map(engine, self.flash_area, window, READ_ONLY)
        _map(engine, self.ram_area, self.ram_base, READ_WRITE)
        _map(engine, self.usb_area, USB_BASE, READ_WRITE)
        _map(engine, self.rom_area, ROM_BASE, READ_ONLY)

    def load_rom(self, image: bytes) -> None:
        """Puts the boot ROM's code in place."""
        self.rom_area.buffer[: len(image)] = image

    def load_flash(self, image: bytes) -> None:
        """Puts the contents of flash in place; what `image` leaves is erased (0xFF)."""
        size = len(self.flash_area.buffer)
        self.flash_area.buffer[:] = image[:size].ljust(size, b"\xff")

    def write_ram(self, address: int, data: bytes) -> None:
        """Puts bytes into SRAM."""
        at = address - self.ram_base
        self.ram[at : at + len(data)] = data

    def read(self, address: int, size: int) -> bytes:
        """Bytes of any of the memories; empty where there is none."""
        for area in (self.rom_area, self.flash_area, self.ram_area):
            at = self._offset(area, address)
            if 0 <= at < len(area.buffer):
                return area.buffer[at : at + size]
        return b""

    def _offset(self, area: Area, address: int) -> int:
        if area is self.flash_area and FLASH_WINDOWS[0] <= address < 0x1400_0000:
            return address & 0x00FF_FFFF
        return address - area.base


def _area(base: int, size: int) -> Area:
    return Area(base, mmap.mmap(-1, -(-size // PAGE_BYTES) * PAGE_BYTES))


def _map(engine: Any, area: Area, base: int, protection: int) -> None:
    engine.mem_map_ptr(base, len(area.buffer), protection, area.address)
