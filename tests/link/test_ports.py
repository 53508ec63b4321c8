"""Finding the port of the one board that is plugged in."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from edgekit import boards
from edgekit.errors import NoDeviceError
from edgekit.link.ports import find_port, is_serial_port


def _plug_in(monkeypatch: pytest.MonkeyPatch, *ports: tuple[str, int | None]) -> None:
    entries = [
        SimpleNamespace(
            device=device, description="USB Serial", serial_number="E66", vid=vid, pid=1
        )
        for device, vid in ports
    ]
    monkeypatch.setattr(list_ports, "comports", lambda: entries)


def test_the_only_usb_port_is_the_board(monkeypatch: pytest.MonkeyPatch) -> None:
    _plug_in(monkeypatch, ("/dev/ttyS0", None), ("/dev/ttyACM0", 0x2E8A))
    assert find_port(boards.load("pico")) == "/dev/ttyACM0"


def test_without_one_the_hint_says_what_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    _plug_in(monkeypatch, ("/dev/ttyS0", None))
    with pytest.raises(
        NoDeviceError, match="no USB serial port for the Raspberry Pi Pico"
    ) as error:
        find_port(boards.load("pico"))
    assert "GP0" in error.value.hint
    assert "TX on GP0" in error.value.hint


def test_of_several_one_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _plug_in(monkeypatch, ("/dev/ttyUSB0", 0x10C4), ("/dev/ttyACM0", 0x2E8A))
    with pytest.raises(NoDeviceError) as error:
        find_port(boards.load("pico"))
    assert error.value.message.splitlines()[1:] == [
        "  /dev/ttyACM0 (USB Serial, serial number E66)",
        "  /dev/ttyUSB0 (USB Serial, serial number E66)",
    ]
    assert "--port" in error.value.hint


def test_a_port_of_this_machine_is_told_from_a_pty(monkeypatch: pytest.MonkeyPatch) -> None:
    _plug_in(monkeypatch, ("/dev/ttyS0", None), ("/dev/ttyACM0", 0x2E8A))
    assert is_serial_port("/dev/ttyS0")
    assert is_serial_port("/dev/ttyACM0")
    assert not is_serial_port("/dev/pts/3")
    assert not is_serial_port("socket://localhost:4000")


def test_of_several_the_one_with_the_boards_own_usb_id_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = [
        SimpleNamespace(device=device, description="", serial_number="", vid=vid, pid=pid)
        for device, vid, pid in (("/dev/ttyUSB0", 0x10C4, 1), ("/dev/ttyACM0", 0x0483, 0x374B))
    ]
    monkeypatch.setattr(list_ports, "comports", lambda: ports)
    assert find_port(boards.load("nucleo-f446re")) == "/dev/ttyACM0"
    ports.append(
        SimpleNamespace(
            device="/dev/ttyACM1", description="", serial_number="", vid=0x0483, pid=0x374B
        )
    )
    with pytest.raises(NoDeviceError, match="several serial ports"):
        find_port(boards.load("nucleo-f446re"))
