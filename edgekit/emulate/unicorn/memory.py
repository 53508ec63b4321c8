"""A chip's memories, ROM, flash, SRAM and USB's, as plain buffers that the engine shares."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edgekit.emulate.unicorn.engine import PAGE_BYTES, READ_ONLY, READ_WRITE

ROM_BASE = 0x0000_0000
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


@dataclass(frozen=True, slots=True)
class Layout:
    """Where memories are, and how large. Flash appears in several windows, which differ in how they
    use the cache: that is not modelled."""

    rom_bytes: int
    flash_windows: tuple[int, ...]
    flash_bytes: int
    ram_base: int
    ram_bytes: int


class Memory:
    """All memories. `ram` and `usb` are views: their contents change as code runs."""

    def __init__(self, layout: Layout) -> None:
        self.rom_area = _area(ROM_BASE, layout.rom_bytes)
        self.flash_area = _area(layout.flash_windows[0], layout.flash_bytes)
        self.ram_area = _area(layout.ram_base, layout.ram_bytes)
        self.ram_base = layout.ram_base
        self._flash_windows = layout.flash_windows
        self.ram = memoryview(self.ram_area.buffer)
        self.usb_area = _area(USB_BASE, USB_BYTES)
        self.usb = memoryview(self.usb_area.buffer)[:USB_BYTES]

    def map_into(self, engine: Any) -> None:
        """Shows the memories to a Unicorn engine.

        The smallest last: mapped first, the engine (2.1.4) takes pages of the two after it for
        one and the same, and drops translated code at every store.
        """
        for window in self._flash_windows:
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
        for area, base in self._places():
            if 0 <= address - base < len(area.buffer):
                return area.buffer[address - base : address - base + size]
        return b""

    def is_rom(self, address: int) -> bool:
        """Whether that is an address of the boot ROM."""
        return 0 <= address - ROM_BASE < len(self.rom_area.buffer)

    def _places(self) -> Iterator[tuple[Area, int]]:
        yield self.rom_area, ROM_BASE
        yield self.ram_area, self.ram_base
        yield from ((self.flash_area, window) for window in self._flash_windows)


def _area(base: int, size: int) -> Area:
    return Area(base, mmap.mmap(-1, -(-size // PAGE_BYTES) * PAGE_BYTES))


def _map(engine: Any, area: Area, base: int, protection: int) -> None:
    engine.mem_map_ptr(base, len(area.buffer), protection, area.address)
