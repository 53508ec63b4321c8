"""Flashing an emulated board: its flash file holds what a real board's flash would."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit import artifacts
from edgekit.boards import Board, uf2
from edgekit.errors import FlashError
from edgekit.flash import flash

IMAGE = bytes(range(256)) * 40
FAMILY = 0xE48BFF56
SIZE = 2 << 20


def test_an_empty_flash_holds_the_image_and_is_erased_elsewhere(
    firmware: Path, pico: Board, state: Path
) -> None:
    done = flash(firmware, pico, emulate=True)
    found = Path(done.place).read_bytes()
    assert found == IMAGE + b"\xff" * (SIZE - len(IMAGE))
    assert Path(done.place).is_relative_to(state)
    assert (done.image_bytes, done.checked) == (len(IMAGE), "read back")


def test_the_sectors_that_are_written_are_erased_first_and_others_stay(
    firmware: Path, pico: Board, state: Path, tmp_path: Path
) -> None:
    place = Path(flash(firmware, pico, emulate=True).place)
    place.write_bytes(b"\x11" * SIZE)
    small = tmp_path / "small.uf2"
    small.write_bytes(uf2.encode(b"\x22" * 256, base=0x1000_1100, family=FAMILY))
    flash(small, pico, emulate=True)
    expected = bytearray(b"\x11" * SIZE)
    expected[0x1000:0x2000] = b"\xff" * 0x1000
    expected[0x1100:0x1200] = b"\x22" * 0x100
    assert place.read_bytes() == expected


def test_a_block_across_two_sectors_erases_both(
    pico: Board, state: Path, tmp_path: Path, firmware: Path
) -> None:
    place = Path(flash(firmware, pico, emulate=True).place)
    place.write_bytes(b"\x11" * SIZE)
    block = bytearray(uf2.encode(b"\x22" * 256, base=0x1000_1000, family=FAMILY))
    block[12:16] = (0x1000_0F80).to_bytes(4, "little")  # addresses need not be multiples of 256
    path = tmp_path / "odd.uf2"
    path.write_bytes(block)
    flash(path, pico, emulate=True)
    expected = b"\xff" * 0xF80 + b"\x22" * 0x100 + b"\xff" * 0xF80
    assert place.read_bytes()[:0x2001] == expected + b"\x11"


def test_a_flash_file_of_another_size_is_made_anew(
    firmware: Path, pico: Board, state: Path
) -> None:
    place = Path(flash(firmware, pico, emulate=True).place)
    place.write_bytes(b"\x11" * 100)
    flash(firmware, pico, emulate=True)
    assert place.read_bytes() == IMAGE + b"\xff" * (SIZE - len(IMAGE))


def test_a_disk_that_loses_bytes_is_noticed(
    firmware: Path, pico: Board, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = artifacts.write_bytes
    monkeypatch.setattr(artifacts, "write_bytes", lambda path, data: honest(path, data[:-1]))
    with pytest.raises(FlashError, match="reads back differently"):
        flash(firmware, pico, emulate=True)


def test_a_place_that_cannot_be_written_is_a_clear_error(
    firmware: Path, pico: Board, state: Path
) -> None:
    state.write_text("a file where a folder should be")
    with pytest.raises(FlashError, match="cannot write the emulated flash"):
        flash(firmware, pico, emulate=True)


def test_progress_ends_with_the_whole_image(firmware: Path, pico: Board, state: Path) -> None:
    heard: list[tuple[int, int]] = []
    flash(firmware, pico, emulate=True, progress=lambda *progress: heard.append(progress))
    assert heard[-1] == (len(IMAGE), len(IMAGE))
    assert [done for done, _ in heard] == list(range(256, len(IMAGE) + 1, 256))
