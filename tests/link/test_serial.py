"""The serial link, on a real pty: exclusive, released, and clear about what went wrong."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pty_board import PtyBoard

from edgekit.errors import (
    DeviceError,
    InputError,
    LinkTimeoutError,
    NoDeviceError,
    PortBusyError,
)
from edgekit.link import open_link, ports, serial
from edgekit.link.client import Client
from edgekit.protocol.message import Message
from edgekit.protocol.requests import InferRequest


@pytest.fixture
def board() -> Iterator[PtyBoard]:
    with PtyBoard(input_bytes=2000) as board:
        yield board


def test_an_inference_over_a_pty(board: PtyBoard) -> None:
    x = os.urandom(2000)
    with Client(open_link(board.port)) as client:
        assert client.infer(x).output == board.board.model(x)


def test_clients_may_come_and_go(board: PtyBoard) -> None:
    for _ in range(3):
        with Client(open_link(board.port)) as client:
            assert client.hello().board == "pico"


def test_a_read_returns_as_soon_as_anything_is_there_and_nothing_after_its_time(
    board: PtyBoard,
) -> None:
    with open_link(board.port) as link:
        start = time.monotonic()
        assert link.read(0.2) == b""
        assert 0.15 < time.monotonic() - start < 1.0
        os.write(board._master, b"abc")
        start = time.monotonic()
        assert link.read(5.0) in (b"a", b"ab", b"abc")
        assert time.monotonic() - start < 1.0


def test_a_second_opener_is_told_who_holds_the_port(board: PtyBoard) -> None:
    with open_link(board.port), pytest.raises(PortBusyError) as caught:
        open_link(board.port)
    assert board.port in caught.value.message
    if Path("/proc/self/fd").is_dir():
        assert f"(pid {os.getpid()})" in caught.value.message


@pytest.mark.skipif(not Path("/proc/locks").is_file(), reason="needs /proc/locks")
def test_who_merely_has_the_port_open_is_not_said_to_hold_it(board: PtyBoard) -> None:
    command = [sys.executable, "-c", _HOLD, board.port]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(PortBusyError) as caught:
            open_link(board.port)  # this process has the slave end open, as an emulator has
        assert f"(pid {os.getpid()})" not in caught.value.message
        holder.kill()


_HOLD = """
import sys
from edgekit.link import open_link
link = open_link(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_another_process_that_holds_the_port_is_named_and_releases_it_when_killed(
    board: PtyBoard,
) -> None:
    command = [sys.executable, "-c", _HOLD, board.port]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(PortBusyError, match=rf"python\S* \(pid {holder.pid}\)"):
            open_link(board.port)
        holder.kill()
        holder.wait(timeout=10)
        open_link(board.port).close()


_INFER = """
import sys
from edgekit.link import open_link
from edgekit.link.client import Client
with Client(open_link(sys.argv[1])) as client:
    client.hello()
    print("asking", flush=True)
    client.infer(bytes(2000))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")
def test_ctrl_c_in_mid_run_ends_at_once_and_frees_the_port(board: PtyBoard) -> None:
    def wait(request: Message) -> None:
        if isinstance(request, InferRequest):
            board.silent = True

    board.board.before = wait
    command = [sys.executable, "-c", _INFER, board.port]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"asking\n"
        time.sleep(0.2)
        client.send_signal(signal.SIGINT)
        assert client.wait(timeout=5) != 0
    board.silent = False
    with Client(open_link(board.port)) as after:
        assert after.hello().board == "pico"


def test_a_silent_board_is_reported_in_time(board: PtyBoard) -> None:
    board.silent = True
    start = time.monotonic()
    with pytest.raises(LinkTimeoutError), Client(open_link(board.port)) as client:
        client.hello(timeout_s=0.4)
    assert time.monotonic() - start < 2.0


def test_the_port_is_free_again_after_an_error(board: PtyBoard) -> None:
    with pytest.raises(InputError), Client(open_link(board.port)) as client:
        client.infer(b"")
    open_link(board.port).close()


def test_a_port_that_is_not_there_is_no_device(tmp_path: Path) -> None:
    with pytest.raises(NoDeviceError, match="ttyNONE") as caught:
        open_link(str(tmp_path / "ttyNONE"))
    assert "edgekit doctor" in caught.value.hint


def test_a_file_is_no_serial_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(InputError, match="is not a serial port"):
        open_link(str(tmp_path / "file"))


def test_a_folder_is_no_serial_port(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a serial port"):
        open_link(str(tmp_path))


def test_a_speed_that_no_port_has_is_refused(board: PtyBoard) -> None:
    with pytest.raises(InputError, match="-1 baud"):
        open_link(board.port, baud=-1)


def test_missing_permission_says_which_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise serial.serial.SerialException(13, "could not open port: Permission denied")

    monkeypatch.setattr(serial.serial, "serial_for_url", refuse)
    with pytest.raises(DeviceError, match="no permission") as caught:
        open_link("/dev/ttyACM0")
    assert "dialout" in caught.value.hint


def test_a_board_that_is_unplugged_in_mid_run_is_reported(board: PtyBoard) -> None:
    with Client(open_link(board.port)) as client:
        client.hello()
        board.unplug()
        with pytest.raises(NoDeviceError, match="went away"):
            client.infer(bytes(2000))


@pytest.fixture
def on_usb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A port on USB: its name leads to whatever board is plugged in now."""
    port = tmp_path / "ttyACM0"
    monkeypatch.setattr(ports, "usb_ports", lambda: [ports.UsbPort(str(port), "", "")])
    monkeypatch.setattr(serial, "_RETURN_S", 0.5)
    return port


def test_a_board_on_usb_that_restarts_is_found_again(on_usb: Path) -> None:
    x = os.urandom(2000)
    with PtyBoard(input_bytes=2000) as first, PtyBoard(input_bytes=2000) as second:
        on_usb.symlink_to(first.port)
        with Client(open_link(str(on_usb))) as client:
            client.infer(x)
            on_usb.unlink()  # before its pty's number goes to another test
            first.unplug()
            threading.Timer(0.2, on_usb.symlink_to, [second.port]).start()
            assert client.infer(x).output == second.board.model(x)


def test_a_board_on_usb_that_stays_away_is_reported(on_usb: Path) -> None:
    with PtyBoard(input_bytes=2000) as board:
        on_usb.symlink_to(board.port)
        with Client(open_link(str(on_usb))) as client:
            client.hello()
            on_usb.unlink()
            board.unplug()
            started = time.monotonic()
            with pytest.raises(NoDeviceError, match="went away"):
                client.infer(bytes(2000))
            assert 0.4 < time.monotonic() - started < 3


def test_a_line_that_takes_no_bytes_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial, "_WRITE_TIMEOUT_S", 0.2)
    master, slave = pty.openpty()
    try:
        with (
            open_link(os.ttyname(slave)) as link,
            pytest.raises(LinkTimeoutError, match="no bytes"),
        ):
            link.write(bytes(1 << 20))  # more than a pty holds, and nobody reads
    finally:
        os.close(master)
        os.close(slave)


def test_closing_twice_does_no_harm(board: PtyBoard) -> None:
    link = open_link(board.port)
    link.close()
    link.close()
    with pytest.raises(NoDeviceError):
        link.read(0.1)
