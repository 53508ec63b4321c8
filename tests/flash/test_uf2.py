"""Flashing over a UF2 drive: the right one, whole, and the board restarts; or one clear error."""

from __future__ import annotations

import contextlib
import os
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.pty_board import PtyBoard

from edgekit.boards import Board
from edgekit.errors import FlashError, InputError, NoDeviceError, PortBusyError
from edgekit.flash import drives, flash, usb
from edgekit.link import open_link
from edgekit.link.ports import UsbPort
from edgekit.protocol.message import Message
from edgekit.protocol.requests import ResetRequest

MakeDrive = Callable[..., Path]


def test_the_file_is_copied_whole_and_the_restart_is_seen(
    firmware: Path, pico: Board, make_drive: MakeDrive
) -> None:
    size = firmware.stat().st_size
    drive = make_drive(restart_at=size)
    heard: list[tuple[int, int]] = []
    done = flash(firmware, pico, progress=lambda *progress: heard.append(progress))
    assert (drive / "firmware.uf2").read_bytes() == firmware.read_bytes()
    assert (done.method, done.place, done.checked) == ("uf2", str(drive), "restarted")
    assert done.image_bytes == 10_240
    assert heard[-1] == (size, size)


def test_a_board_that_does_not_restart_is_reported_in_time(
    firmware: Path, pico: Board, make_drive: MakeDrive
) -> None:
    make_drive()
    with pytest.raises(FlashError, match="did not restart") as caught:
        flash(firmware, pico, timeout_s=0.3)
    assert "BOOTSEL" in caught.value.hint


def test_without_a_drive_the_hint_says_how_to_get_one(
    firmware: Path, pico: Board, make_drive: MakeDrive
) -> None:
    with pytest.raises(NoDeviceError, match="no RPI-RP2 drive for pico") as caught:
        flash(firmware, pico)
    assert caught.value.hint == (
        "Hold BOOTSEL while plugging in the Raspberry Pi Pico, or use --emulate."
    )


def test_a_drive_that_is_plugged_in_and_not_mounted_is_told(
    firmware: Path,
    pico: Board,
    make_drive: MakeDrive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edgekit.flash.uf2._BY_LABEL", tmp_path)
    (tmp_path / "RPI-RP2").touch()
    with pytest.raises(NoDeviceError, match="not mounted") as caught:
        flash(firmware, pico)
    assert "udisksctl mount" in caught.value.hint


def test_of_two_drives_one_must_be_named(
    firmware: Path, pico: Board, make_drive: MakeDrive
) -> None:
    first = make_drive("one")
    second = make_drive("two", restart_at=firmware.stat().st_size)
    with pytest.raises(NoDeviceError) as caught:
        flash(firmware, pico)
    assert str(first) in caught.value.message
    assert str(second) in caught.value.message
    assert "--drive" in caught.value.hint
    assert flash(firmware, pico, drive=second).place == str(second)
    assert not (first / "firmware.uf2").exists()


def test_a_drive_of_another_chip_is_left_alone(
    firmware: Path, pico: Board, make_drive: MakeDrive
) -> None:
    other = make_drive("RP2350", "RP2350")
    with pytest.raises(NoDeviceError, match="only of other chips") as caught:
        flash(firmware, pico)
    assert "RP2350" in caught.value.message
    with pytest.raises(FlashError, match="wrong chip"):
        flash(firmware, pico, drive=other)
    assert not (other / "firmware.uf2").exists()


def test_beside_a_drive_of_another_chip_the_right_one_is_taken(
    firmware: Path, pico: Board, make_drive: MakeDrive
) -> None:
    make_drive("RP2350", "RP2350")
    right = make_drive(restart_at=firmware.stat().st_size)
    assert flash(firmware, pico).place == str(right)


def test_a_folder_that_is_no_drive_is_refused(firmware: Path, pico: Board, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no INFO_UF2\.TXT"):
        flash(firmware, pico, drive=tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_drive_is_reported(firmware: Path, pico: Board, make_drive: MakeDrive) -> None:
    drive = make_drive()
    (drive / "firmware.uf2").symlink_to("/dev/full")
    with pytest.raises(FlashError, match="stopped after 0 of 20480 B: the drive is full"):
        flash(firmware, pico)


def test_a_drive_that_goes_away_in_mid_copy_is_reported(
    firmware: Path, pico: Board, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive = make_drive()

    def pull(handle: int) -> None:
        (drive / "INFO_UF2.TXT").unlink()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", pull)
    monkeypatch.setattr("edgekit.flash.uf2._CHUNK_BYTES", 512)
    with pytest.raises(FlashError, match="stopped after 512 of 20480 B: Input/output error"):
        flash(firmware, pico)


def test_a_board_that_restarts_before_the_last_block_is_synced_is_fine(
    firmware: Path, pico: Board, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive = make_drive()

    def restart(handle: int) -> None:
        (drive / "INFO_UF2.TXT").unlink()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", restart)
    assert flash(firmware, pico).checked == "restarted"


def test_a_mount_that_outlives_its_device_counts_as_gone(make_drive: MakeDrive) -> None:
    path = make_drive()
    gone = drives.read(path, device=path / "sda1")
    assert gone is not None
    assert not gone.is_there()


def test_a_running_board_is_sent_to_its_bootloader_and_must_answer_afterwards(
    firmware: Path, pico: Board, make_drive: MakeDrive
) -> None:
    resets: list[int] = []

    def before(request: Message) -> None:
        if isinstance(request, ResetRequest):
            resets.append(request.kind)
            threading.Timer(0.2, make_drive, kwargs={"restart_at": firmware.stat().st_size}).start()

    with PtyBoard(before=before) as board:
        assert flash(firmware, pico, port=board.port, timeout_s=5).checked == "answered"
    assert resets == [1]


@contextlib.contextmanager
def _heeding_a_touch(board: PtyBoard, touched: Callable[[], object]) -> Iterator[None]:
    """Whatever else it runs, at 1200 baud it goes into its bootloader."""
    stop = threading.Event()

    def watch() -> None:
        with Path(board.port).open("rb", buffering=0) as line:
            while not stop.wait(0.02):
                if termios.tcgetattr(line)[5] == termios.B1200:
                    touched()
                    return

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_without_a_port_the_only_board_on_usb_is_touched(
    firmware: Path, pico: Board, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged_in: list[UsbPort] = []
    monkeypatch.setattr("edgekit.flash.uf2.usb_ports", lambda: plugged_in)
    size = firmware.stat().st_size
    with PtyBoard() as board, _heeding_a_touch(board, lambda: make_drive(restart_at=size)):
        plugged_in[:] = [
            UsbPort("/dev/ttyNONE0", "Debug Probe (CMSIS-DAP)", "1", "2e8a:000c"),
            UsbPort("/dev/ttyNONE1", "something else", "2", "1234:5678"),
            UsbPort(board.port, "edgekit pico", "", "2e8a:000a"),
        ]
        assert flash(firmware, pico, timeout_s=5).checked == "restarted"


def test_of_two_boards_on_usb_none_is_touched(
    firmware: Path, pico: Board, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [UsbPort(f"/dev/ttyNONE{number}", "", "", "2e8a:000a") for number in range(2)]
    monkeypatch.setattr("edgekit.flash.uf2.usb_ports", lambda: ports)
    with pytest.raises(NoDeviceError, match="no RPI-RP2 drive"):
        flash(firmware, pico, timeout_s=5)


def test_firmware_that_is_not_ours_is_touched_at_its_port(
    firmware: Path, pico: Board, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = firmware.stat().st_size
    monkeypatch.setattr("edgekit.flash.uf2._asked", lambda job, port: False)  # after its silence
    with PtyBoard() as board, _heeding_a_touch(board, lambda: make_drive(restart_at=size)):
        assert flash(firmware, pico, port=board.port, timeout_s=5).checked == "answered"


def test_a_board_that_is_not_heard_of_afterwards_is_reported(
    firmware: Path, pico: Board, make_drive: MakeDrive, tmp_path: Path
) -> None:
    make_drive(restart_at=firmware.stat().st_size)
    with pytest.raises(FlashError, match="was written, and then the board was not heard of"):
        flash(firmware, pico, port=str(tmp_path / "ttyNONE"), timeout_s=0.5)


def test_a_port_that_someone_holds_is_told_before_anything_else(
    firmware: Path, pico: Board, make_drive: MakeDrive
) -> None:
    with PtyBoard() as board, open_link(board.port), pytest.raises(PortBusyError):
        flash(firmware, pico, port=board.port)


def test_drives_of_equal_boards_are_told_apart_by_serial_number(
    pico: Board, firmware: Path, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_drive("one")
    other = make_drive("two", restart_at=firmware.stat().st_size)
    numbers = {"one": "E660AAAA", "two": "E660BBBB"}
    monkeypatch.setattr(
        drives.Drive, "serial_number", property(lambda drive: numbers[drive.path.name])
    )
    with pytest.raises(NoDeviceError, match="serial number E660BBBB") as caught:
        flash(firmware, pico)
    assert "--serial" in caught.value.hint
    assert flash(firmware, pico, serial="E660BBBB").place == str(other)


def test_a_usb_serial_number_is_found_above_the_disk(tmp_path: Path) -> None:
    usb_device = tmp_path / "devices/usb1/1-2"
    disk = usb_device / "1-2:1.0/host6/block/sda/sda1"
    disk.mkdir(parents=True)
    (usb_device / "serial").write_text("E0C9125B0D9B\n")
    (tmp_path / "block").mkdir()
    (tmp_path / "block/sda1").symlink_to(disk)
    assert usb.serial_number(Path("/dev/sda1"), tmp_path / "block") == "E0C9125B0D9B"
    assert usb.serial_number(None) == ""
