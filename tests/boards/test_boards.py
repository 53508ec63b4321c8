"""Board files: every one of ours is right, and every mistake in one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit import boards
from edgekit.errors import BoardError
from edgekit.paths import boards_folder, firmware_templates_folder

PICO = (boards_folder() / "pico.toml").read_text(encoding="utf-8")


def _load(folder: Path, text: str) -> boards.Board:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return boards.load_file(path)


@pytest.mark.parametrize("board", boards.identifiers())
def test_every_board_file_is_valid_and_names_what_exists(board: str) -> None:
    found = boards.load(board)
    assert found.id == board
    assert found.source.startswith("https://")
    if found.template is not None:
        assert (firmware_templates_folder() / found.template).is_dir()
    if found.flash.method == "uf2":
        assert found.flash.family is not None


def test_the_pico_has_its_datasheet_figures() -> None:
    pico = boards.load("pico")
    assert (pico.memory.flash.base, pico.memory.flash.size_bytes) == (0x1000_0000, 2 << 20)
    assert (pico.memory.ram.base, pico.memory.ram.size_bytes) == (0x2000_0000, 264 << 10)
    assert pico.memory.ram.available_bytes == 248 << 10
    assert pico.cpu.clock_hz == 125_000_000
    assert pico.core.gcc == ("-mcpu=cortex-m0plus", "-mthumb")
    assert pico.flash.family == 0xE48B_FF56


@pytest.mark.parametrize("wrong", ["pcio", "PICO", "pico2040"])
def test_an_unknown_board_gets_the_nearest_name(wrong: str) -> None:
    with pytest.raises(BoardError) as caught:
        boards.load(wrong)
    assert repr(wrong) in caught.value.message
    assert "Did you mean 'pico" in caught.value.hint


def test_an_id_cannot_lead_out_of_the_folder() -> None:
    with pytest.raises(BoardError, match="there is no board"):
        boards.load("../edgekit/boards/cores")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("clock_hz ", "clok_hz ", r"mine.toml: there is no key 'cpu.clok_hz'.*'clock_hz'"),
        ("reserve =", "reserv =", r"'memory.ram.reserv'.*'reserve'"),
        ("engine =", "motor =", r"'emulator.motor'; known: engine"),
        ("[link]", "[lnk]", r"there is no key 'lnk'; did you mean 'link'"),
        ("cortex-m0plus", "cortex-m0-plus", r"cpu.core 'cortex-m0-plus'.*'cortex-m0plus'"),
        ("125_000_000", '"fast"', r"mine.toml: Expected `int`, got `str` - at `\$.cpu.clock_hz`"),
        ("125_000_000", "0", r"clock_hz is 0.*\$.cpu"),
        ("cores    = 2", "cores = 0", r"cores is 0"),
        ('"2 MiB"', '"2 MB"', r"'2 MB' is not a size.*\$.memory.flash"),
        ('"16 KiB"', '"264 KiB"', r"leaves nothing"),
        ('"16 KiB"', '"15 B"', r"multiple of 8"),
        ("0x2000_0000", "0xFFFF_FFF0", r"32-bit address"),
        ('"rp2040" ', '"../rp2040" ', r"not a folder name"),
        ('"serial"', '"smoke"', r"Invalid enum value 'smoke' - at `\$.link.kind`"),
        ("schema   = 1", "schema = 2", r"Invalid enum value 2 - at `\$.schema`"),
        ("schema   = 1", "schema = ", r"mine.toml is not valid TOML"),
        ("[emulator]", "[emulator", r"mine.toml is not valid TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert PICO.count(old) >= 1
    with pytest.raises(BoardError, match=message):
        _load(tmp_path, PICO.replace(old, new))


def test_all_unknown_keys_are_named_at_once(tmp_path: Path) -> None:
    text = PICO.replace("clock_hz", "clok_hz").replace("reserve =", "reserv =")
    with pytest.raises(BoardError) as caught:
        _load(tmp_path, text)
    assert len(caught.value.message.splitlines()) == 2


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match=r"missing required field `source`"):
        _load(tmp_path, PICO.replace("source ", "# source "))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BoardError, match="not valid TOML"):
        boards.load_file(path)
