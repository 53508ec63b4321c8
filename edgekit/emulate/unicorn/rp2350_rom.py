"""The RP2350's boot ROM: a table-less look-up of functions, of which it has two.

Our own few instructions, and none of the real one's code (RP2350 datasheet 5.4).
"""

from __future__ import annotations

import struct

from edgekit.emulate.unicorn.bootrom import USB_BOOT_SERVICE

CHIP_ID = 0x0123_4567_89AB_CDEF
"""The number that a real chip has for itself."""

_LOOKUP, _REBOOT, _GET_SYS_INFO = 0x40, 0x60, 0x80

# lookup(code, kind): reboot for "RB", get_sys_info for "GS", else NULL.
#   movw r2,#0x4252; cmp r0,r2; beq reboot; movw r2,#0x5347; cmp r0,r2; beq info
#   movs r0,#0; bx lr      reboot: movs r0,#0x61; bx lr      info: movs r0,#0x81; bx lr
_LOOKUP_CODE = struct.pack(
    "<14H",
    *(0xF244, 0x2252, 0x4290, 0xD005, 0xF245, 0x3247, 0x4290, 0xD003),
    *(0x2000, 0x4770, 0x2000 | _REBOOT | 1, 0x4770, 0x2000 | _GET_SYS_INFO | 1, 0x4770),
)
# get_sys_info(out, words, flags): what it has (1: the chip's number), the package, the number.
#   movs r1,#1; str r1,[r0]; str r1,[r0,#4]; ldr r1,low; str r1,[r0,#8]; ldr r1,high
#   str r1,[r0,#12]; movs r0,#4; bx lr; nop
_GET_SYS_INFO_CODE = struct.pack(
    "<10HQ",
    *(0x2101, 0x6001, 0x6041, 0x4903, 0x6081, 0x4903, 0x60C1, 0x2004, 0x4770, 0xBF00),
    CHIP_ID,
)
# reboot(flags, delay_ms, p0, p1) into the bootloader, whatever the delay; -1 for other kinds.
#   movs r1,#15; ands r1,r0; cmp r1,#2; bne other; bkpt; b .
#   other: movs r0,#0; mvns r0,r0; bx lr
_REBOOT_CODE = struct.pack(
    "<9H", 0x210F, 0x4001, 0x2902, 0xD101, 0xBE00 | USB_BOOT_SERVICE, 0xE7FE, 0x2000, 0x43C0, 0x4770
)


def image() -> bytes:
    """The ROM's first bytes: vectors, "Mu", version 2, the look-up's address, functions."""
    rom = bytearray(0x100)
    rom[0x10:0x14] = b"Mu\x02\x02"
    struct.pack_into("<H", rom, 0x16, _LOOKUP | 1)
    rom[_LOOKUP : _LOOKUP + len(_LOOKUP_CODE)] = _LOOKUP_CODE
    rom[_REBOOT : _REBOOT + len(_REBOOT_CODE)] = _REBOOT_CODE
    rom[_GET_SYS_INFO : _GET_SYS_INFO + len(_GET_SYS_INFO_CODE)] = _GET_SYS_INFO_CODE
    return bytes(rom)
