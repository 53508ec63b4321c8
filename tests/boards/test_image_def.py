"""The block by which an RP2350 knows an image."""

from __future__ import annotations

import struct

import pytest

from edgekit.boards import image_def

PLAIN = (0xFFFF_DED3, 0x1021_0142, 0x0000_01FF, 0, 0xAB12_3579)


def flash(*words: int, at: int = 0x100) -> bytes:
    return bytes(at) + struct.pack(f"<{len(words)}I", *words) + bytes(8192)


@pytest.mark.parametrize("at", [0, 0x110, 4096 - 20])
def test_an_image_of_this_chip_is_started(at: int) -> None:
    assert image_def.problem(flash(*PLAIN, at=at)) == ""


def test_items_of_other_kinds_are_passed_over() -> None:
    stack = (0xFFFF_DED3, 0x0000_0304, 0x1000_0001, 0x2000_8000, *PLAIN[1:2], 0x4FF, 0, PLAIN[4])
    assert image_def.problem(flash(*stack)) == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((0xFFFF_FFFF,), "no image definition"),
        ((*PLAIN[:4], 0xAB12_3578), "no image definition"),
        ((*PLAIN[:2], 0x2FF, 0, PLAIN[4]), "no image definition"),
        (PLAIN[:2], "no image definition"),
        ((PLAIN[0], 0x1101_0142, *PLAIN[2:]), "type 0x1101: not for"),  # RISC-V
        ((PLAIN[0], 0x0021_0142, *PLAIN[2:]), "type 0x0021: not for"),  # RP2040
    ],
)
def test_others_are_refused(words: tuple[int, ...], said: str) -> None:
    assert said in image_def.problem(flash(*words))


def test_a_block_beyond_the_first_4_kib_is_not_found() -> None:
    assert "no image definition" in image_def.problem(flash(*PLAIN, at=4096 - 16))


@pytest.mark.parametrize("image", [b"", b"\xff" * 5000])
def test_an_erased_flash_is_empty(image: bytes) -> None:
    assert image_def.problem(image) == "the flash is empty"
