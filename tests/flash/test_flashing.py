"""What is refused before any board is touched."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import msgspec
import pytest

from edgekit import boards
from edgekit.boards import Board, uf2
from edgekit.errors import BoardError, DoesNotFitError, FlashError, InputError
from edgekit.flash import flash
from edgekit.flash.flashing import methods


def test_the_methods_are_the_modules() -> None:
    assert methods() == (
        "agent", "emulator", "esptool", "openocd", "picotool", "pyocd", "st_flash", "uf2",
    )  # fmt: skip


def test_a_missing_file_is_named(tmp_path: Path, pico: Board) -> None:
    with pytest.raises(InputError, match=r"cannot read .*none\.uf2") as caught:
        flash(tmp_path / "none.uf2", pico, emulate=True)
    assert "edgekit build" in caught.value.hint


def test_a_file_that_would_fill_the_memory_is_not_read(tmp_path: Path, pico: Board) -> None:
    huge = tmp_path / "firmware.uf2"
    huge.touch()
    os.truncate(huge, 3 << 30)
    with pytest.raises(InputError, match=r"firmware\.uf2: it has 3 221 225 472 B .* at most"):
        flash(huge, pico, emulate=True)


@pytest.mark.parametrize(
    ("begin", "name"),
    [
        (b"\x7fELF\x01\x01\x01\x00", "an ELF file"),
        (b":020000040800F2\r\n", "an Intel HEX file"),
        (b"S0060000484452", "a Motorola S-record file"),
        (b"\x1c\0\0\0TFL3", "a model"),
        (b"", "empty"),
    ],
)
@pytest.mark.parametrize(
    ("board", "wanted"), [("pico", "firmware.uf2"), ("mps2-an386", "firmware.bin")]
)
def test_a_file_of_another_kind_is_named_and_so_is_the_one_beside_it(
    tmp_path: Path, board: str, wanted: str, begin: bytes, name: str
) -> None:
    given = tmp_path / "firmware.elf"
    given.write_bytes(begin + bytes(504) * bool(begin))
    with pytest.raises(InputError, match=f"firmware.elf is {name}, {board} takes") as caught:
        flash(given, boards.load(board), emulate=True)
    assert caught.value.hint.startswith(f"Give the {wanted} that `edgekit build")
    (tmp_path / wanted).touch()
    with pytest.raises(InputError) as caught:
        flash(given, boards.load(board), emulate=True)
    assert caught.value.hint == f"Give {tmp_path / wanted}."


def test_a_plain_image_and_a_uf2_file_are_told_apart(firmware: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a UF2 file, nucleo-f446re takes a plain image"):
        flash(firmware, boards.load("nucleo-f446re"))
    with pytest.raises(InputError, match="is a UF2 file, esp32-s3 takes") as caught:
        flash(firmware, boards.load("esp32-s3"), port="none")
    assert "maker" in caught.value.hint
    (tmp_path / "firmware.bin").write_bytes(bytes(1000))
    with pytest.raises(InputError, match="is no UF2 file, pico takes a UF2 file"):
        flash(tmp_path / "firmware.bin", boards.load("pico"))


@pytest.mark.parametrize("handler", [0, 0x0800_0100, 0x0000_0101, 0x0808_0001])
def test_an_image_that_starts_nowhere_in_the_boards_flash_is_refused(
    tmp_path: Path, handler: int
) -> None:
    image = tmp_path / "firmware.bin"
    image.write_bytes(struct.pack("<2I", 0x2000_0400, handler) + bytes(100))
    with pytest.raises(InputError, match="is no image for nucleo-f446re: its second word"):
        flash(image, boards.load("nucleo-f446re"))


@pytest.mark.parametrize("emulate", [True, False])
def test_an_image_for_another_chip_is_refused(tmp_path: Path, pico: Board, emulate: bool) -> None:
    path = tmp_path / "other.uf2"
    path.write_bytes(uf2.encode(b"x", base=0x1000_0000, family=0xE48BFF59))
    with pytest.raises(FlashError, match="family 0xe48bff59, pico takes 0xe48bff56"):
        flash(path, pico, emulate=emulate)


@pytest.mark.parametrize("base", [0x1000_0000 - 256, 0x1000_0000 + (2 << 20) - 256])
def test_an_image_outside_the_flash_is_refused(tmp_path: Path, pico: Board, base: int) -> None:
    path = tmp_path / "large.uf2"
    path.write_bytes(uf2.encode(bytes(300), base=base, family=0xE48BFF56))
    with pytest.raises(DoesNotFitError, match="pico has 2 097 152 B"):
        flash(path, pico, emulate=True)


def test_a_method_that_we_have_not_is_named(firmware: Path, pico: Board) -> None:
    board = msgspec.structs.replace(pico, flash=msgspec.structs.replace(pico.flash, method="swd"))
    with pytest.raises(BoardError, match="'swd'") as caught:
        flash(firmware, board)
    assert "picotool, pyocd, st_flash, uf2" in caught.value.hint
