"""Emulated boards that stay: each a process of its own, noted in the state folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import psutil

from edgekit import artifacts, boards, paths
from edgekit import emulate as emulation
from edgekit.artifacts import Artifact
from edgekit.boards import Board
from edgekit.emulate import RunningBoard
from edgekit.emulate.drive import DriveFolder
from edgekit.errors import DeviceError, InputError, NoDeviceError
from edgekit.flash import flash
from edgekit.link.ports import find_port

LinkKind = Literal["tcp", "pty", "usb"]

_START_TIMEOUT_S = 130.0  # the first start on a machine compiles the cycle counter
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.05
_CHECK_S = 0.2


class Emulator(Artifact, frozen=True):
    """A running emulated board. `started` is the process's own start: process ids come again."""

    board: str
    port: str
    pid: int
    started: float
    drive: str | None = None
    """The folder that is the bootloader's drive, for boards that have one."""


def start(board_id: str, link: LinkKind | None = None) -> Emulator:
    """Starts an emulated board that outlives this process, and waits until its port is open.

    Without a `link`, its port is the one at its USB socket where it has one, else TCP. Raises
    `DeviceError` with what it said when it does not start.
    """
    boards.load(board_id)
    chosen = ["--link", link] if link else []
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "edgekit", "emulator", "serve", board_id, *chosen],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
            start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline and process.poll() is None:
            if found := _read(_note(process.pid)):
                process.returncode = 0  # it outlives us: Popen must not wait for it, nor warn
                return found
            time.sleep(_POLL_S)
        process.kill()
        process.wait()
        said.seek(0)
        words = said.read().decode(errors="replace").strip().removeprefix("error: ")
    raise DeviceError(f"the emulated {board_id} did not start: {words or 'it said nothing'}")


def serve(board_id: str, link: LinkKind | None, ready: Callable[[Emulator], None]) -> None:
    """Runs an emulated board until this process is told to end, or the board crashes."""
    board = boards.load(board_id)
    own = psutil.Process()
    note = _note(own.pid)
    with (
        emulation.start(
            board, link=link or _usual(board), wait_for_image=board.flash.drive is not None
        ) as running,
        _drive(board, own.pid) as drive,
    ):
        found = Emulator(
            board=board_id, port=running.port, pid=own.pid, started=own.create_time(),
            drive=str(drive.path) if drive else None,
        )  # fmt: skip
        try:
            artifacts.save(found, note)
            ready(found)
            while True:
                running.check()
                if drive is not None:
                    _tend(drive, running, board)
                time.sleep(_CHECK_S)
        finally:
            note.unlink(missing_ok=True)


def _usual(board: Board) -> LinkKind:
    """What a person would find on the desk; ptys are for POSIX systems only."""
    return "usb" if os.name == "posix" and emulation.engine_of(board).has_usb else "tcp"


@contextlib.contextmanager
def _drive(board: Board, pid: int) -> Iterator[DriveFolder | None]:
    """The drive's folder, as long as the board is there."""
    if board.flash.drive is None:
        yield None
        return
    drive = DriveFolder(_folder() / str(pid) / board.flash.drive, board)
    try:
        yield drive
    finally:
        drive.remove()
        with contextlib.suppress(OSError):
            drive.path.parent.rmdir()


def _tend(drive: DriveFolder, running: RunningBoard, board: Board) -> None:
    """Shows the drive while the board is in its bootloader; an image on it goes into flash, upon
    which the board restarts by itself."""
    if not running.in_bootloader:
        if drive.is_shown:
            drive.hide()
        return
    drive.show()
    image = drive.whole_image()
    if image is not None:
        running.in_bootloader = False  # first: it may be back there before the next line is done
        flash(image, board, emulate=True)
        drive.hide()


def running() -> tuple[Emulator, ...]:
    """Those that run now, in the order of their start; notes of dead ones are cleared away."""
    found = []
    for note in _folder().glob("*.json"):
        emulator = _read(note)
        if emulator is not None and _process(emulator) is not None:
            found.append(emulator)
        else:
            note.unlink(missing_ok=True)
            shutil.rmtree(note.with_suffix(""), ignore_errors=True)  # its drive
    return tuple(sorted(found, key=lambda emulator: emulator.started))


def port_of(board: Board, instead: str = "use --emulate") -> str:
    """As `find_port`; where it finds none, the hint says what to do `instead` where the board has
    an emulator, and names those that run."""
    try:
        return find_port(board)
    except NoDeviceError as error:
        ports = [f"--port {one.port}" for one in running() if one.board == board.id]
        known = f" Or {instead}." if board.emulator else ""
        known += f" An emulated one runs: {' or '.join(ports)}." if ports else ""
        raise NoDeviceError(error.message, hint=error.hint + known) from None


def stop(which: str | None) -> tuple[Emulator, ...]:
    """Stops the emulators of a board id or a port; without one, the only one that runs.

    Raises `NoDeviceError` when there is none like that, `InputError` when several could be meant.
    """
    found = running()
    chosen = tuple(one for one in found if which in (None, "all", one.board, one.port))
    if not chosen:
        raise NoDeviceError(
            "no emulator runs" + (f" at {which}" if which else ""),
            hint="`edgekit emulator list` shows those that do.",
        )
    if which is None and len(chosen) > 1:
        raise InputError(
            f"{len(chosen)} emulators run: {', '.join(one.port for one in chosen)}",
            hint="Name a port, or `all`.",
        )
    for emulator in chosen:
        _stop(emulator)
    return chosen


def _stop(emulator: Emulator) -> None:
    process = _process(emulator)
    if process is None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_TIMEOUT_S)
    except psutil.TimeoutExpired:
        for one in (*process.children(recursive=True), process):
            one.kill()
    _note(emulator.pid).unlink(missing_ok=True)


def _process(emulator: Emulator) -> psutil.Process | None:
    """The emulator's process; None when it is gone, and its number with it."""
    try:
        process = psutil.Process(emulator.pid)
        same = abs(process.create_time() - emulator.started) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def _read(note: Path) -> Emulator | None:
    try:
        return artifacts.load(Emulator, note) if note.exists() else None
    except InputError:
        return None


def _folder() -> Path:
    return paths.state_folder() / "emulators"


def _note(pid: int) -> Path:
    return _folder() / f"{pid}.json"
