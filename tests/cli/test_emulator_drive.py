"""An emulated Pico as a person uses it: a drive to copy UF2 files to, a port, the touch."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import serial
from cli.conftest import Run
from support import tiny_model

from edgekit import boards, flash
from edgekit.build import firmware
from edgekit.emulate.drive import DriveFolder
from edgekit.flash import drives
from edgekit.link import open_link
from edgekit.link.client import Client

PICO = boards.load("pico")


@pytest.fixture(scope="module")
def uf2_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    compiled = tiny_model.write(folder / "c")
    firmware.build(compiled, folder / "c", PICO, folder)
    return folder / "firmware.uf2"


def _wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs_the_model(port: str) -> bool:
    x = tiny_model.random_input()
    with Client(open_link(port), board="pico") as client:
        return client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()


@pytest.fixture(params=["pty", "usb"])
def started(run: Run, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    pytest.importorskip("unicorn", reason="needs the emulator extra")
    yield run("emulator", "start", "pico", "--link", request.param, "--json").json
    run("emulator", "stop", "all")


@pytest.mark.emulator
def test_a_blank_pico_shows_its_drive_takes_an_image_and_comes_back_on_a_touch(
    started: dict[str, str], uf2_file: Path
) -> None:
    drive, port = Path(started["drive"]), started["port"]
    _wait_for(lambda: drives.read(drive) is not None)
    found = drives.read(drive)
    assert found is not None
    assert (found.board_id, found.model) == ("RPI-RP2", "Raspberry Pi RP2")
    put: tuple[Callable[[], object], ...] = (
        lambda: shutil.copy(uf2_file, drive),
        lambda: flash.flash(uf2_file, PICO, drive=drive),  # as onto a real board's drive
    )
    for copy in put:
        copy()
        _wait_for(lambda: drives.read(drive) is None)
        assert _runs_the_model(port)
        assert _runs_the_model(port)  # clients come and go
        serial.Serial(port, 1200).close()
        _wait_for(lambda: drives.read(drive) is not None)


@pytest.mark.emulator
@pytest.mark.parametrize("started", ["usb"], indirect=True)
def test_an_idle_emulator_takes_next_to_no_time_of_the_processor(
    started: dict[str, str], uf2_file: Path
) -> None:
    shutil.copy(uf2_file, started["drive"])
    _wait_for(lambda: not list(Path(started["drive"]).iterdir()))
    assert _runs_the_model(started["port"])
    process = psutil.Process(int(started["pid"]))
    family = [process, *process.children(recursive=True)]
    before = sum(sum(one.cpu_times()[:2]) for one in family)
    time.sleep(2)
    assert sum(sum(one.cpu_times()[:2]) for one in family) - before < 0.4


@pytest.mark.parametrize(
    ("board", "lines"),
    [
        ("pico", ["UF2 Bootloader v3.0", "Model: Raspberry Pi RP2", "Board-ID: RPI-RP2"]),
        ("pico2", ["UF2 Bootloader v1.0", "Model: Raspberry Pi RP2350", "Board-ID: RP2350"]),
    ],
)
def test_a_drive_says_of_its_chip_what_the_real_ones_do(
    board: str, lines: list[str], tmp_path: Path
) -> None:
    drive = DriveFolder(tmp_path / "drive", boards.load(board))
    drive.show()
    assert (drive.path / "INFO_UF2.TXT").read_text().split("\n")[:3] == lines


def test_a_drive_heeds_only_whole_images_for_its_chip(tmp_path: Path, uf2_file: Path) -> None:
    drive = DriveFolder(tmp_path / "drive", PICO)
    image = uf2_file.read_bytes()
    shutil.copy(uf2_file, drive.path)
    assert drive.whole_image() is None  # not shown: there is no drive
    drive.hide()
    drive.show()
    (drive.path / "notes.txt").write_text("hello")
    (drive.path / "part.uf2").write_bytes(image[:-512])
    other = bytearray(image)
    for at in range(28, len(other), 512):
        other[at : at + 4] = (0xE48BFF59).to_bytes(4, "little")
    (drive.path / "pico2.uf2").write_bytes(other)
    assert drive.whole_image() is None
    (drive.path / "part.uf2").write_bytes(image)
    assert drive.whole_image() == drive.path / "part.uf2"
    drive.hide()
    assert list(drive.path.iterdir()) == []
