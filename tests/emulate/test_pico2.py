"""The emulated Pico 2: its counter, its boot ROM and its registers, beside what the Pico has."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest
from support import qemu
from support.emulated import flash
from support.graph_runs import noise
from support.small_nets import RELU, SAME, NetBuilder

from edgekit import boards, emulate
from edgekit.boards import Board
from edgekit.emulate.engines import engine_of
from edgekit.errors import DeviceError
from edgekit.link import open_link
from edgekit.link.client import Client
from edgekit.protocol.requests import ResetKind
from edgekit.tflite import read_graph

pytestmark = pytest.mark.emulator
_GRAIN = 2
"""Instructions: QEMU's counter ticks in steps of 50 ns, an instruction takes 64 ns there."""


def _net() -> bytes:
    net = NetBuilder(zero_point=-128)
    image = net.value(1, 9, 8, 3)
    first = net.conv(image, (1, 9, 8, 8), (8, 3, 3, 3), padding=SAME, activation=RELU)
    return net.finish([image], [net.depthwise(first, (1, 9, 8, 8))])


@pytest.fixture
def pico2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    """With the kernels that a Cortex-M33 alone has."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    board = boards.load("pico2")
    return msgspec.structs.replace(board, cpu=msgspec.structs.replace(board.cpu, kernels="dsp"))


def _steps(board: Board, folder: Path) -> tuple[list[int], bytes]:
    """Instructions of each step, the reading of the counter included, and the output."""
    flash(board, _net(), folder)
    image = noise(read_graph(_net(), "net"), 2)[0]
    with emulate.start(board) as running, open_link(running.port) as link:
        client = Client(link, board=board.id)
        found = client.infer(image.tobytes(), profile=True)
        clock_hz = client.hello().clock_hz
        assert not running.statistics().notes
    counted = [engine_of(board).instructions(step.cycles, clock_hz) for step in found.steps or ()]
    return [count for count in counted if count is not None], found.output


@qemu.NEEDS_QEMU
@pytest.mark.slow
def test_instructions_are_those_that_qemu_counts(pico2: Board, tmp_path: Path) -> None:
    """Another emulator of the same processor: only reading the counter is different code."""
    ours, output = _steps(pico2, tmp_path / "pico2")
    theirs, expected = _steps(boards.load("mps2-an505"), tmp_path / "an505")
    assert output == expected
    reading = [there - here for here, there in zip(ours, theirs, strict=True)]
    assert len(reading) == 2
    assert max(reading) - min(reading) <= _GRAIN
    assert abs(reading[0]) < 100


def test_an_image_for_another_chip_is_not_started(pico2: Board) -> None:
    place = emulate.flash_image(pico2)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"\0" * 8192)
    with pytest.raises(DeviceError, match="no image definition in its first 4 KiB"):
        emulate.start(pico2)


def test_it_restarts_and_goes_into_its_bootloader(pico2: Board, tmp_path: Path) -> None:
    flash(pico2, _net(), tmp_path)
    with emulate.start(pico2) as running, open_link(running.port) as link:
        client = Client(link, board="pico2")
        client.reset()
        client.reset(ResetKind.BOOTLOADER)
        assert running.statistics().resets == 2
        for _ in range(100):
            if running.in_bootloader:
                break
            time.sleep(0.02)
        assert running.in_bootloader
