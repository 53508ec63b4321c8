"""The UF2 codec: what we write reads back, and nothing hostile gets through."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.boards import uf2
from edgekit.errors import InputError

RP2040 = 0xE48BFF56
FLASH = 0x1000_0000


@given(image=st.binary(min_size=1, max_size=2000))
def test_an_image_reads_back_with_the_last_block_filled(image: bytes) -> None:
    file = uf2.encode(image, base=FLASH, family=RP2040)
    found = uf2.decode(file)
    filled = image + b"\xff" * (-len(image) % 256)
    assert len(file) == 2 * len(filled)
    assert found.family == RP2040
    assert [address for address, _ in found.blocks] == [*range(FLASH, FLASH + len(filled), 256)]
    assert b"".join(data for _, data in found.blocks) == filled


def test_a_block_has_the_layout_of_the_format() -> None:
    file = uf2.encode(bytes(range(256)) + b"x", base=FLASH, family=RP2040)
    assert struct.unpack_from("<8I", file, 512) == (
        0x0A324655, 0x9E5D5157, 0x2000, FLASH + 256, 256, 1, 2, RP2040,
    )  # fmt: skip
    assert file[32 : 32 + 256] == bytes(range(256))
    assert struct.unpack_from("<I", file, 508) == (0x0AB16F30,)


def _patched(word: int, value: int, block: int = 1, blocks: int = 3) -> bytes:
    file = bytearray(uf2.encode(bytes(256 * blocks), base=FLASH, family=RP2040))
    struct.pack_into("<I", file, 512 * block + 4 * word, value)
    return bytes(file)


@pytest.mark.parametrize(
    ("word", "value", "message"),
    [
        (0, 1, "no UF2 magic"),
        (1, 1, "no UF2 magic"),
        (127, 1, "no UF2 magic"),
        (2, 0, "which chip"),
        (3, FLASH, "twice"),
        (3, FLASH + 1, "twice"),
        (3, 0xFFFF_FFF0, "0xfffffff0"),
        (4, 0, "0 B"),
        (4, 477, "477 B"),
        (4, 0xFFFF_FFFF, "4294967295 B"),
        (5, 2, "2 of 3"),
        (6, 4, "1 of 4"),
        (7, 0xDEAD_BEEF, "mixes families"),
    ],
)
def test_a_damaged_field_is_named(word: int, value: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        uf2.decode(_patched(word, value))


@pytest.mark.parametrize("size", [0, 1, 511, 513])
def test_a_size_that_is_no_whole_number_of_blocks_is_refused(size: int) -> None:
    with pytest.raises(InputError, match="not a UF2 file"):
        uf2.decode(bytes(size))


def test_a_missing_block_is_noticed() -> None:
    file = _patched(2, 0x2000)
    with pytest.raises(InputError, match="block 0 of 2 says it is 0 of 3"):
        uf2.decode(file[:512] + file[1024:])


def test_blocks_not_for_main_flash_are_left_out() -> None:
    file = _patched(2, 0x2001, block=0, blocks=1)
    with pytest.raises(InputError, match="no block for the main flash"):
        uf2.decode(file)


def test_a_block_apart_stays_apart() -> None:
    found = uf2.decode(_patched(3, FLASH + 0x1000))
    assert [(address, len(data)) for address, data in found.blocks] == [
        (FLASH, 256),
        (FLASH + 512, 256),
        (FLASH + 0x1000, 256),
    ]


@pytest.mark.parametrize(("image", "base"), [(b"", FLASH), (b"x", FLASH + 1), (b"xx", 2**32)])
def test_what_fits_no_address_is_not_encoded(image: bytes, base: int) -> None:
    with pytest.raises(InputError):
        uf2.encode(image, base=base, family=RP2040)


@given(junk=st.binary(max_size=1536))
def test_junk_is_refused_and_nothing_else_happens(junk: bytes) -> None:
    with pytest.raises(InputError):
        uf2.decode(junk)


@given(at=st.integers(0, 511), value=st.integers(0, 255))
def test_any_changed_byte_is_refused_or_changes_only_what_is_written(at: int, value: int) -> None:
    file = bytearray(uf2.encode(bytes(300), base=FLASH, family=RP2040))
    file[at] = value
    try:
        found = uf2.decode(bytes(file))
    except InputError:
        return
    assert len(found.blocks) in (1, 2)
