"""The boot ROM: checks and starts the second stage in flash, and has a table of functions.

Our own few instructions and our own model of what the real one does (RP2040 datasheet 2.8); none
of its code.
"""

from __future__ import annotations

import struct

from edgekit.boards.boot2 import BOOT2_BYTES, CODE_BYTES, crc32_mpeg2

BOOT2_ADDRESS = 0x2004_1F00
"""The second stage runs here, with its stack below it."""
USB_BOOT_SERVICE = 0xF0
"""The BKPT number by which `reset_to_usb_boot` leaves the emulated world."""

_LOOKUP = 0x40
_USB_BOOT = 0x60
_FUNCTIONS = 0x80
_DATA = 0x90

# rom_table_lookup(table, code): the value beside a code in a table of u16 pairs, or 0.
#   loop: ldrh r2,[r0]; cmp r2,#0; beq none; cmp r2,r1; beq found; adds r0,#4; b loop
#   found: ldrh r0,[r0,#2]; bx lr      none: movs r0,#0; bx lr
_LOOKUP_CODE = struct.pack(
    "<11H",
    *(0x8802, 0x2A00, 0xD005, 0x428A, 0xD001, 0x3004, 0xE7F8, 0x8840, 0x4770, 0x2000, 0x4770),
)
_USB_BOOT_CODE = struct.pack("<2H", 0xBE00 | USB_BOOT_SERVICE, 0xE7FE)  # bkpt; b .


def image() -> bytes:
    """The ROM's first bytes: vectors, "Mu", version 3, pointers, table and functions."""
    rom = bytearray(0x100)
    struct.pack_into("<4I", rom, 0, BOOT2_ADDRESS, 0, 0, 0)
    rom[0x10:0x14] = b"Mu\x01\x03"
    struct.pack_into("<3H", rom, 0x14, _FUNCTIONS, _DATA, _LOOKUP | 1)
    rom[_LOOKUP : _LOOKUP + len(_LOOKUP_CODE)] = _LOOKUP_CODE
    rom[_USB_BOOT : _USB_BOOT + len(_USB_BOOT_CODE)] = _USB_BOOT_CODE
    struct.pack_into("<2H", rom, _FUNCTIONS, int.from_bytes(b"UB", "little"), _USB_BOOT | 1)
    return bytes(rom)


def boot2_problem(flash: bytes) -> str:
    """Why the boot ROM would not start this flash; empty when it would."""
    head = flash[:BOOT2_BYTES]
    if len(head) < BOOT2_BYTES or not head.strip(b"\xff"):
        return "the flash is empty"
    (found,) = struct.unpack_from("<I", head, CODE_BYTES)
    wanted = crc32_mpeg2(head[:CODE_BYTES])
    if found == wanted:
        return ""
    return (
        "the flash holds no valid second-stage boot:"
        f" its CRC is 0x{found:08x}, its contents give 0x{wanted:08x}"
    )
