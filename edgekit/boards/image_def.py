"""What an RP2350's boot ROM looks for in flash: a block that says what the image is.

RP2350 datasheet 5.9: a block lies in the first 4 KiB at a multiple of 4, between two markers. Its
items have a type, a size in words and data; the last one tells how many words came before it, and
the word behind it where the next block of a loop lies. Ours is alone: it is its own next.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_START, _END = 0xFFFF_DED3, 0xAB12_3579
_SEARCHED_BYTES = 4096
_IMAGE_TYPE, _LAST = 0x42, 0xFF
_LONG = 0x80
"""Set in the types of items whose size takes 16 bits."""
# What an image type must say: an executable, for the secure state, of Arm cores, for the RP2350.
_TYPE_MASK, _TYPE = 0x7F3F, 0x1021


def problem(flash: bytes) -> str:
    """Why the boot ROM would not start this flash on its Arm cores; empty when it would.

    Signed images and images of several partitions are not looked into.
    """
    if not flash.strip(b"\xff"):
        return "the flash is empty"
    words = struct.unpack(f"<{min(len(flash), _SEARCHED_BYTES) // 4}I", _head(flash))
    types = [value for at in _starts(words) for value in _image_types(words[at:])]
    if not types:
        return "the flash holds no image definition in its first 4 KiB"
    if all(value & _TYPE_MASK != _TYPE for value in types):
        return f"the image in flash is of type 0x{types[0]:04x}: not for an RP2350's Arm cores"
    return ""


def _head(flash: bytes) -> bytes:
    return flash[: min(len(flash), _SEARCHED_BYTES) // 4 * 4]


def _starts(words: tuple[int, ...]) -> Iterator[int]:
    return (at for at, word in enumerate(words) if word == _START)


def _image_types(block: tuple[int, ...]) -> list[int]:
    """The flags of the image type items of a block that begins here; none when it is not whole."""
    types: list[int] = []
    at = 1
    while at < len(block):
        kind, item = block[at] & 0xFF, block[at]
        size = item >> 8 & (0xFFFF if kind & _LONG else 0xFF)
        if kind == _LAST:
            is_whole = size == at - 1 and at + 2 < len(block) and block[at + 2] == _END
            return types if is_whole else []
        if kind == _IMAGE_TYPE:
            types.append(item >> 16)
        at += max(size, 1)
    return []
