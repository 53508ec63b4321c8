"""An image for the Pico, drives that are folders, and a state folder of the test's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from edgekit import boards, paths
from edgekit.boards import Board, uf2

IMAGE = bytes(range(256)) * 40
MakeDrive = Callable[..., Path]


@pytest.fixture
def pico() -> Board:
    return boards.load("pico")


@pytest.fixture
def firmware(tmp_path: Path, pico: Board) -> Path:
    path = tmp_path / "firmware.uf2"
    assert pico.flash.family is not None
    path.write_bytes(uf2.encode(IMAGE, base=pico.memory.flash.base, family=pico.flash.family))
    return path


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "state_folder", lambda: tmp_path / "state")
    return tmp_path / "state"


@pytest.fixture
def make_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeDrive]:
    """Makes folders that look like UF2 drives; some restart once `size` bytes have arrived."""
    mounted: list[Path] = []
    stop = threading.Event()
    boards_waiting: list[threading.Thread] = []
    monkeypatch.setattr(
        psutil,
        "disk_partitions",
        lambda: [SimpleNamespace(device="none", mountpoint=str(path)) for path in mounted],
    )

    def make(
        name: str = "RPI-RP2", board_id: str = "RPI-RP2", *, restart_at: int | None = None
    ) -> Path:
        path = tmp_path / "media" / name
        path.mkdir(parents=True)
        info = f"UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: {board_id}\r\n"
        (path / "INFO_UF2.TXT").write_text(info)
        mounted.append(path)
        if restart_at is not None:
            boards_waiting.append(threading.Thread(target=_board, args=(path, restart_at, stop)))
            boards_waiting[-1].start()
        return path

    yield make
    stop.set()
    for board in boards_waiting:
        board.join()


def _board(path: Path, restart_at: int, stop: threading.Event) -> None:
    """A bootloader: once all bytes are there, the drive goes away."""
    file = path / "firmware.uf2"
    while not stop.is_set():
        if file.exists() and file.stat().st_size == restart_at:
            (path / "INFO_UF2.TXT").unlink()
            return
        time.sleep(0.01)
