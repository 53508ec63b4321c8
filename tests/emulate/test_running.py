"""Emulated boards as other code uses them: a process with a port."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest
import serial
from emulate.thumb_programs import PICO, assemble, flash_image

from edgekit import emulate
from edgekit.errors import BoardError, DeviceError, MissingToolError, ToolError

pytestmark = pytest.mark.emulator

# Sends back every byte plus one. 'Z' makes it fault; 'R' resets; 'U' leads to the bootloader.
ECHO = """
    uart_on
    ldr r4, =0x40034000
    movs r5, #16
1:  ldr r0, [r4, #0x18]
    tst r0, r5
    bne 1b
    ldr r0, [r4]
    cmp r0, #'Z'
    beq fault
    cmp r0, #'R'
    beq restart
    cmp r0, #'U'
    beq bootloader
    adds r0, #1
    str r0, [r4]
    b 1b
fault:
    movs r0, #0xF
    lsls r0, #28
    ldr r0, [r0]
restart:
    reset
bootloader:
    movs r6, #0
    ldrh r0, [r6, #0x14]
    ldr r1, =0x4255
    ldrh r2, [r6, #0x18]
    blx r2
    blx r0
"""
Flash = Callable[[str], None]


@pytest.fixture
def flash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flash:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    place = emulate.flash_image(PICO)

    def put(source: str) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_suffix(".new")
        beside.write_bytes(flash_image(assemble(source)))
        beside.replace(place)

    return put


def _ask(port: serial.SerialBase, request: bytes) -> bytes:
    port.write(request)
    return bytes(port.read(len(request)))


def _until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@pytest.mark.parametrize("native", [True, False], ids=["native", "python"])
@pytest.mark.parametrize("link", ["tcp", "pty"])
def test_clients_come_and_go(flash: Flash, link: str, native: bool) -> None:
    flash(ECHO)
    with emulate.start(PICO, link=link, native=native) as board:
        for _ in range(3):
            with serial.serial_for_url(board.port, timeout=5) as port:
                assert _ask(port, b"HAL") == b"IBM"
        found = board.statistics()
    assert found.counter == ("native" if native else "python")
    assert found.resets == 1
    assert found.notes == ()
    assert found.clock_hz == 12_000_000


def test_an_answer_comes_within_milliseconds_and_waiting_costs_nothing(flash: Flash) -> None:
    flash(ECHO)
    with emulate.start(PICO) as board, serial.serial_for_url(board.port, timeout=5) as port:
        _ask(port, b"a")
        took = []
        for _ in range(30):
            started = time.perf_counter()
            _ask(port, b"a")
            took.append(time.perf_counter() - started)
        child = psutil.Process(board.process_id)
        before, started = child.cpu_times(), time.monotonic()
        time.sleep(1.0)
        after, waited = child.cpu_times(), time.monotonic() - started
        found = board.statistics()
    assert 0.8 < found.idle_s < found.wall_s
    assert 0.8 * found.clock_hz < found.idle_cycles < found.cycles  # time went on
    assert sorted(took)[15] < 0.005
    assert (after.user + after.system - before.user - before.system) / waited < 0.1


def test_flash_that_cannot_be_read_is_no_traceback(flash: Flash) -> None:
    emulate.flash_image(PICO).mkdir(parents=True)
    with pytest.raises(ToolError, match=r"^cannot read the emulated flash: [^\n]*flash\.bin'$"):
        emulate.start(PICO, native=False)


def test_without_a_cache_folder_cycles_are_counted_in_python(
    flash: Flash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flash(ECHO)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with emulate.start(PICO) as board:
        assert board.statistics().counter == "python"


def test_bytes_come_fast(flash: Flash) -> None:
    flash(ECHO)
    data = bytes(range(64)) * 400
    with emulate.start(PICO) as board, serial.serial_for_url(board.port, timeout=10) as port:
        took_s = []
        for _ in range(5):  # the best counts: the machine may have other things to do
            started = time.perf_counter()
            assert _ask(port, data) == bytes(byte + 1 for byte in data)
            took_s.append(time.perf_counter() - started)
            if len(data) / min(took_s) > 50_000:  # 115,200 baud would be 11,520
                break
    assert len(data) / min(took_s) > 50_000


def test_a_reset_starts_the_firmware_anew(flash: Flash) -> None:
    flash(ECHO)
    with emulate.start(PICO) as board, serial.serial_for_url(board.port, timeout=5) as port:
        port.write(b"R")
        assert _until(lambda: board.statistics().resets == 2)
        assert _ask(port, b"a") == b"b"


def test_the_bootloader_waits_for_a_new_image(flash: Flash) -> None:
    flash(ECHO)
    with emulate.start(PICO) as board, serial.serial_for_url(board.port, timeout=5) as port:
        assert not board.in_bootloader
        port.write(b"U")
        assert _until(lambda: board.in_bootloader)
        flash(ECHO.replace("adds r0, #1", "adds r0, #2"))
        assert _until(lambda: not board.in_bootloader)
        assert _ask(port, b"a") == b"c"


def test_a_crash_is_a_device_error_with_registers(flash: Flash) -> None:
    flash(ECHO)

    def use() -> None:
        with emulate.start(PICO) as board, serial.serial_for_url(board.port, timeout=5) as port:
            port.write(b"Z")
            port.read(1)

    with pytest.raises(DeviceError) as caught:
        use()
    assert "hard fault at 0x100002" in caught.value.message
    assert "pc 0x100002" in caught.value.message
    assert "r4 0x" not in caught.value.message  # all registers help nobody


def test_a_crash_shows_in_check_and_statistics(flash: Flash) -> None:
    flash("movs r0, #0xF\nlsls r0, #28\nldr r0, [r0]")
    board = emulate.start(PICO)
    with pytest.raises(DeviceError, match="crashed"):
        assert _until(lambda: bool(board.check()))
    with pytest.raises(DeviceError, match="crashed"):
        board.statistics()
    board.close()


def test_a_killed_emulator_is_a_device_error(flash: Flash) -> None:
    flash(ECHO)
    board = emulate.start(PICO)
    os.kill(board.process_id, signal.SIGKILL)
    with pytest.raises(DeviceError, match="ended by itself"):
        board.statistics()
    board.close()


def test_an_empty_flash_says_what_to_do(flash: Flash) -> None:
    with pytest.raises(DeviceError, match="the flash is empty") as caught:
        emulate.start(PICO)
    assert "edgekit flash --board pico --emulate" in caught.value.hint


def test_closing_ends_the_process_and_twice_is_harmless(flash: Flash) -> None:
    flash(ECHO)
    board = emulate.start(PICO)
    board.close()
    assert not psutil.pid_exists(board.process_id)
    board.close()


def test_a_busy_board_closes_as_fast(flash: Flash) -> None:
    flash("b .")
    started = time.monotonic()
    emulate.start(PICO).close()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("native", [True, False], ids=["native", "python"])
def test_the_emulator_ends_with_its_parent(flash: Flash, native: bool) -> None:
    flash("b .")
    program = (
        "from edgekit import boards, emulate\n"
        f"board = emulate.start(boards.load('pico'), native={native})\n"
        "print(board.process_id, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        parent.kill()
    assert _until(lambda: not psutil.pid_exists(child))


def test_without_the_package_the_hint_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError) as caught:
        emulate.start(PICO)
    assert caught.value.hint == "pip install 'edgekit[emulator]'"


def test_a_board_without_an_emulator_is_refused() -> None:
    with pytest.raises(BoardError, match="no emulator for pico"):
        emulate.start(msgspec.structs.replace(PICO, emulator=None))


def test_the_parent_never_loads_the_engine() -> None:
    program = "import sys, edgekit.emulate; print([m for m in sys.modules if 'unicorn' in m])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_without_a_compiler_python_counts(
    flash: Flash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flash(ECHO)
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "cc").write_text("#!/bin/sh\nexit 1\n")
    (broken / "cc").chmod(0o755)
    monkeypatch.setenv("PATH", str(broken))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with emulate.start(PICO) as board:
        assert board.statistics().counter == "python"
    with pytest.raises(ToolError):
        emulate.start(PICO, native=True)
