"""`edgekit boards --detect`: what is plugged in, told by USB ids and drives."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from cli.conftest import Run
from serial.tools import list_ports

from edgekit import boards


def _port(device: str, description: str, vid: int | None, pid: int | None) -> SimpleNamespace:
    return SimpleNamespace(
        device=device, description=description, serial_number="SN1", vid=vid, pid=pid
    )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Pico in its bootloader, a Nucleo, an adapter, and a port that is soldered on."""
    drive = tmp_path / "RPI-RP2"
    drive.mkdir()
    (drive / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\n"
                                        "Board-ID: RPI-RP2\r\n")  # fmt: skip
    mounted = [SimpleNamespace(device="none", mountpoint=str(drive))]
    monkeypatch.setattr(psutil, "disk_partitions", lambda: mounted)
    plugged_in = [
        _port("/dev/ttyACM0", "STM32 STLink", 0x0483, 0x374B),
        _port("/dev/ttyACM1", "edgekit pico-w", 0x2E8A, 0x000A),
        _port("/dev/ttyACM2", "Pico", 0x2E8A, 0x000A),
        _port("/dev/ttyS0", "ttyS0", None, None),
        _port("/dev/ttyUSB0", "CP2102", 0x1234, 0x5678),
    ]
    monkeypatch.setattr(list_ports, "comports", lambda: plugged_in)
    return drive


def test_what_is_plugged_in_is_listed_with_the_boards_it_may_be(run: Run, desk: Path) -> None:
    drive, nucleo, ours, pico, adapter = run("boards", "--detect", "--json").json
    assert (drive["what"], drive["place"]) == ("UF2 drive", str(desk))
    assert drive["boards"] == ["pico", "pico-w"]
    assert drive["hint"] == "edgekit flash --board pico"
    assert nucleo["boards"] == ["nucleo-f446re", "nucleo-h743zi"]
    assert nucleo["serial_number"] == "SN1"
    assert (ours["boards"], pico["boards"]) == (["pico-w"], ["pico", "pico-w"])
    assert (adapter["place"], adapter["boards"]) == ("/dev/ttyUSB0", [])
    assert "any board" in run("boards", "--detect").out


def test_nothing_plugged_in_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "disk_partitions", lambda: [])
    monkeypatch.setattr(list_ports, "comports", lambda: [])
    assert run("boards", "--detect", "--json").json == []
    assert "one for data" in run("boards", "--detect").out


def test_every_board_that_has_a_usb_socket_says_under_which_ids(run: Run) -> None:
    named = {name for name in boards.identifiers() if boards.load(name).link.usb}
    assert {"pico", "pico2", "nucleo-u575zi", "nrf52840-dk", "microbit-v1", "esp32-s3"} <= named
