"""Programs that write flash, played by scripts: what they are told, and what they say."""

from __future__ import annotations

import os
import stat
import struct
import sys
from pathlib import Path

import msgspec
import pytest

from edgekit import boards
from edgekit.boards import Board, uf2
from edgekit.errors import (
    BoardError,
    DeviceError,
    DoesNotFitError,
    FlashError,
    InputError,
    MissingToolError,
    NoDeviceError,
)
from edgekit.flash import flash

IMAGE = struct.pack("<2I", 0x2000_0400, 0x0800_0101) + bytes(range(256)) * 5  # with vectors
NUCLEO = boards.load("nucleo-f446re")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the whole PATH; `_play` puts programs there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def _play(programs: Path, name: str, *, says: str = "", errors: str = "", status: int = 0) -> Path:
    """A program that notes its arguments and copies of the files they name, and ends as told."""
    note = programs / f"{name}.told"
    script = programs / name
    script.write_text(
        f"#!{sys.executable}\n"
        "import os, re, sys\n"
        f"with open({str(note)!r}, 'ab') as note:\n"
        "    for argument in sys.argv[1:]:\n"
        "        note.write(argument.encode() + b'\\n')\n"
        "        for path in re.findall(r'/[^ {}]*firmware[.][a-z0-9]+', argument):\n"
        f"            open({str(note)!r} + '.file', 'wb').write(open(path, 'rb').read())\n"
        f"sys.stdout.write({says!r}); sys.stderr.write({errors!r}); sys.exit({status})\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return note


def _told(note: Path) -> list[str]:
    """The arguments, with the place of the image as FILE."""
    lines = note.read_text().splitlines()
    folder = next(part for line in lines for part in line.split() if "edgekit-flash-" in part)
    file = folder.strip("{}")
    return [line.replace(file, "FILE") for line in lines]


def _bin(tmp_path: Path) -> Path:
    path = tmp_path / "firmware.bin"
    path.write_bytes(IMAGE)
    return path


def test_openocd_is_told_probe_chip_file_and_to_verify(programs: Path, tmp_path: Path) -> None:
    note = _play(programs, "openocd")
    done = flash(_bin(tmp_path), NUCLEO, method="openocd", serial="066DFF49")
    assert _told(note) == [
        "-f", "interface/stlink.cfg", "-c", "adapter serial 066DFF49", "-f", "target/stm32f4x.cfg",
        "-c", "program {FILE} 0x08000000 verify reset exit",
    ]  # fmt: skip
    assert Path(f"{note}.file").read_bytes() == IMAGE
    assert (done.method, done.checked, done.image_bytes) == ("openocd", "read back", len(IMAGE))


def test_a_serial_number_is_no_place_for_commands(programs: Path, tmp_path: Path) -> None:
    _play(programs, "openocd")
    with pytest.raises(InputError, match="no serial number"):
        flash(_bin(tmp_path), NUCLEO, method="openocd", serial="1; exec id")


def test_st_flash_is_told_file_and_address_once_the_chip_is_right(
    programs: Path, tmp_path: Path
) -> None:
    _play(programs, "st-info", says="0x0421\n")
    note = _play(programs, "st-flash")
    done = flash(_bin(tmp_path), NUCLEO, method="st_flash", serial="066D")
    assert _told(note) == ["--serial", "066D", "--reset", "write", "FILE", "0x08000000"]
    assert Path(f"{note}.file").read_bytes() == IMAGE
    assert done.place == "0x08000000, serial number 066D"


def test_st_flash_does_not_write_to_another_chip(programs: Path, tmp_path: Path) -> None:
    _play(programs, "st-info", says="0x0450\n")
    note = _play(programs, "st-flash")
    with pytest.raises(FlashError, match="has the id 0x0450, nucleo-f446re's is 0x0421"):
        flash(_bin(tmp_path), NUCLEO, method="st_flash")
    assert not note.exists()


def test_picotool_gets_the_uf2_file(
    programs: Path, firmware: Path, pico: Board, tmp_path: Path
) -> None:
    note = _play(programs, "picotool")
    done = flash(firmware, pico, method="picotool", serial="E660")
    assert _told(note) == ["load", "--verify", "--execute", "FILE", "--ser", "E660"]
    assert Path(f"{note}.file").read_bytes() == firmware.read_bytes()
    assert done.method == "picotool"


def test_openocd_gets_the_image_out_of_a_uf2_file(
    programs: Path, tmp_path: Path, pico: Board
) -> None:
    note = _play(programs, "openocd")
    path = tmp_path / "gap.uf2"
    assert pico.flash.family is not None
    blocks = uf2.encode(b"A" * 256, base=0x1000_0000, family=pico.flash.family) + uf2.encode(
        b"B" * 256, base=0x1000_0300, family=pico.flash.family
    )
    path.write_bytes(_renumbered(blocks))
    flash(path, pico, method="openocd")
    assert Path(f"{note}.file").read_bytes() == b"A" * 256 + b"\xff" * 512 + b"B" * 256


def _renumbered(blocks: bytes) -> bytes:
    """Blocks of several files as those of one."""
    count = len(blocks) // 512
    parts = [bytearray(blocks[at : at + 512]) for at in range(0, len(blocks), 512)]
    for number, part in enumerate(parts):
        part[20:28] = number.to_bytes(4, "little") + count.to_bytes(4, "little")
    return b"".join(parts)


@pytest.mark.parametrize("name", ["esptool", "esptool.py"])
def test_esptool_counts_from_the_start_of_flash(programs: Path, tmp_path: Path, name: str) -> None:
    note = _play(programs, name)
    flash(_bin(tmp_path), boards.load("esp32-s3"), port="/dev/ttyUSB7")
    assert _told(note) == [
        "--chip", "esp32s3", "--port", "/dev/ttyUSB7", "write_flash", "0x0", "FILE",
    ]  # fmt: skip


def test_esptool_needs_a_port(programs: Path, tmp_path: Path) -> None:
    _play(programs, "esptool")
    with pytest.raises(NoDeviceError, match="which serial port"):
        flash(_bin(tmp_path), boards.load("esp32-s3"))


@pytest.mark.parametrize(
    ("errors", "kind", "hint"),
    [
        ("Error: open failed", NoDeviceError, "Plug the ST Nucleo-F446RE in."),
        ("libusb_open() failed with LIBUSB_ERROR_ACCESS", NoDeviceError, 'idVendor}=="0483"'),
        ("Error: unexpected idcode 0x1ba01477", FlashError, "name the right one with --board"),
        ("** Verify Failed **", FlashError, "plug it in, and flash again"),
    ],
)
def test_what_a_program_says_becomes_one_message_with_a_way_out(
    programs: Path, tmp_path: Path, errors: str, kind: type[DeviceError], hint: str
) -> None:
    _play(programs, "openocd", errors=f"Open On-Chip Debugger\n{errors}\n", status=1)
    with pytest.raises(kind) as caught:
        flash(_bin(tmp_path), NUCLEO, method="openocd")
    assert type(caught.value) is kind
    assert errors in caught.value.message
    assert hint in caught.value.hint


def test_a_program_that_hangs_is_ended(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = programs / "openocd"
    script.write_text(f"#!{sys.executable}\nimport time; time.sleep(60)\n")
    script.chmod(0o755)
    monkeypatch.setattr("edgekit.flash.program._SLOWEST_BYTES_PER_S", 1 << 30)
    with pytest.raises(FlashError, match="took longer than"):
        flash(_bin(tmp_path), NUCLEO, method="openocd", timeout_s=0.3)


def test_the_first_method_that_is_installed_is_taken(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgekit.flash.pyocd.is_available", lambda: False)
    _play(programs, "st-info", says="0x0421\n")
    _play(programs, "st-flash")
    assert flash(_bin(tmp_path), NUCLEO).method == "st_flash"
    _play(programs, "openocd")
    assert flash(_bin(tmp_path), NUCLEO).method == "openocd"


def test_when_none_is_installed_all_are_named(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgekit.flash.pyocd.is_available", lambda: False)
    with pytest.raises(MissingToolError, match="pyocd, openocd, st_flash") as caught:
        flash(_bin(tmp_path), NUCLEO)
    assert "apt-get install openocd" in caught.value.hint


def test_an_image_that_is_too_large_is_refused_before_any_program_runs(
    programs: Path, tmp_path: Path
) -> None:
    note = _play(programs, "openocd")
    huge = tmp_path / "firmware.bin"
    huge.write_bytes(IMAGE)
    os.truncate(huge, (512 << 10) + 1)
    with pytest.raises(DoesNotFitError, match="nucleo-f446re has 524 288 B"):
        flash(huge, NUCLEO, method="openocd")
    assert not note.exists()


def test_a_board_that_openocd_has_no_files_for_says_so(programs: Path, tmp_path: Path) -> None:
    _play(programs, "openocd")
    method = msgspec.structs.replace(NUCLEO.flash, names={})
    with pytest.raises(BoardError, match="which files OpenOCD needs"):
        flash(_bin(tmp_path), msgspec.structs.replace(NUCLEO, flash=method), method="openocd")


def test_progress_is_told_from_start_to_end(programs: Path, tmp_path: Path) -> None:
    _play(programs, "openocd")
    heard: list[tuple[int, int]] = []
    flash(_bin(tmp_path), NUCLEO, method="openocd", progress=lambda *seen: heard.append(seen))
    assert heard == [(0, len(IMAGE)), (len(IMAGE), len(IMAGE))]
