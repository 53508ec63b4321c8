"""What is refused before any board is touched."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

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


def test_a_file_that_is_no_uf2_is_refused(tmp_path: Path, pico: Board) -> None:
    (tmp_path / "firmware.elf").write_bytes(b"\x7fELF" + bytes(508))
    with pytest.raises(InputError, match="no UF2 magic"):
        flash(tmp_path / "firmware.elf", pico, emulate=True)


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
