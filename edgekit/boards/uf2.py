"""UF2, the block format that a bootloader's drive takes: 512-byte blocks, each on its own.

Pure bytes, no files. Layout from the format's own page (github.com/microsoft/uf2): eight u32,
476 bytes of which `payload_bytes` count, one u32; all little endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise

from edgekit.errors import InputError

BLOCK_BYTES = 512
PAYLOAD_BYTES = 256
"""What every block that we write carries; the RP2040's boot ROM takes no other size."""
MAX_FILE_BYTES = 64 << 20
"""Larger than twice any flash that we know of: a file above it is not firmware."""

_HEAD = struct.Struct("<8I")
_TAIL = struct.Struct("<I")
_START = (0x0A324655, 0x9E5D5157)
_END = 0x0AB16F30
_DATA_BYTES = BLOCK_BYTES - _HEAD.size - _TAIL.size
_NOT_MAIN_FLASH = 0x0000_0001
_HAS_FAMILY = 0x0000_2000
_HINT = "Build the firmware again with `edgekit build`."


@dataclass(frozen=True, slots=True)
class Uf2:
    """A decoded file: the chip family it is for, and (address, bytes) in rising order.

    `family` is None for a plain image, which does not say.
    """

    family: int | None
    blocks: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Block:
    flags: int
    address: int
    number: int
    count: int
    family: int
    data: bytes


def encode(image: bytes, *, base: int, family: int) -> bytes:
    """A UF2 file that writes `image` at address `base`, the last block filled up with 0xFF.

    Raises `InputError` when there is nothing to write, or no room for it below 2^32.
    """
    if not image or base % PAYLOAD_BYTES or base + len(image) > 1 << 32:
        raise InputError(f"no UF2 can hold {len(image)} B at address 0x{base:08x}")
    chunks = [image[at : at + PAYLOAD_BYTES] for at in range(0, len(image), PAYLOAD_BYTES)]
    return b"".join(
        _encode_block(base + number * PAYLOAD_BYTES, chunk, number, len(chunks), family)
        for number, chunk in enumerate(chunks)
    )


def _encode_block(address: int, chunk: bytes, number: int, count: int, family: int) -> bytes:
    head = _HEAD.pack(*_START, _HAS_FAMILY, address, PAYLOAD_BYTES, number, count, family)
    payload = chunk.ljust(PAYLOAD_BYTES, b"\xff")
    return head + payload.ljust(_DATA_BYTES, b"\0") + _TAIL.pack(_END)


def is_uf2(file: bytes) -> bool:
    """Whether a file starts as a UF2 file does."""
    return file[: 2 * 4] == _HEAD.pack(*_START, *[0] * 6)[: 2 * 4]


def decode(file: bytes) -> Uf2:
    """What a UF2 file would write. Blocks flagged as not for main flash are left out.

    Raises `InputError` for anything else than one whole, consistent image of one family: wrong
    size or magic, blocks missing, out of order or overlapping.
    """
    if not file or len(file) % BLOCK_BYTES or len(file) > MAX_FILE_BYTES:
        raise InputError(
            f"not a UF2 file: {len(file)} B is not a whole number of {BLOCK_BYTES} B blocks"
            f" up to {MAX_FILE_BYTES >> 20} MiB",
            hint=_HINT,
        )
    found = [_decode_block(file, number) for number in range(len(file) // BLOCK_BYTES)]
    main = [block for block in found if not block.flags & _NOT_MAIN_FLASH]
    if not main:
        raise InputError("the UF2 file has no block for the main flash", hint=_HINT)
    _check_whole(main)
    blocks = sorted((block.address, block.data) for block in main)
    _check_apart(blocks)
    return Uf2(family=main[0].family, blocks=tuple(blocks))


def _decode_block(file: bytes, index: int) -> _Block:
    start = index * BLOCK_BYTES
    *magic, flags, address, payload_bytes, number, count, family = _HEAD.unpack_from(file, start)
    (end,) = _TAIL.unpack_from(file, start + BLOCK_BYTES - _TAIL.size)
    if tuple(magic) != _START or end != _END:
        raise InputError(f"not a UF2 file: block {index} has no UF2 magic", hint=_HINT)
    if not 0 < payload_bytes <= _DATA_BYTES or address + payload_bytes > 1 << 32:
        raise InputError(
            f"damaged UF2 file: block {index} has {payload_bytes} B for address 0x{address:08x}",
            hint=_HINT,
        )
    if not flags & _HAS_FAMILY:
        raise InputError(f"UF2 block {index} does not say which chip it is for", hint=_HINT)
    data = file[start + _HEAD.size : start + _HEAD.size + payload_bytes]
    return _Block(flags, address, number, count, family, data)


def _check_whole(blocks: list[_Block]) -> None:
    for index, block in enumerate(blocks):
        if (block.number, block.count) != (index, len(blocks)):
            raise InputError(
                f"damaged UF2 file: block {index} of {len(blocks)} says it is"
                f" {block.number} of {block.count}",
                hint=_HINT,
            )
        if block.family != blocks[0].family:
            raise InputError(
                f"the UF2 file mixes families 0x{blocks[0].family:08x} and 0x{block.family:08x}",
                hint="Flash the parts for each chip one after the other.",
            )


def _check_apart(blocks: list[tuple[int, bytes]]) -> None:
    for (first, data), (second, _) in pairwise(blocks):
        if first + len(data) > second:
            raise InputError(
                f"damaged UF2 file: it writes address 0x{second:08x} twice", hint=_HINT
            )
