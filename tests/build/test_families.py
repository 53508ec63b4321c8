"""Every board that has a template builds: links, starts where its chip looks, stays small."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from support import tiny_model

from edgekit import boards, emulate
from edgekit.artifacts import write_bytes
from edgekit.boards import Board
from edgekit.build import firmware
from edgekit.build.toolchain import Compiler
from edgekit.errors import BoardCrashedError
from edgekit.link import open_link
from edgekit.link.client import Client
from edgekit.paths import boards_folder

BUILT = [name for name in boards.identifiers() if boards.load(name).template is not None]
CORTEX_M = [name for name in BUILT if str(boards.load(name).template).startswith("cortex_m/")]
MOST_BYTES = 16 * 1024
"""The firmware without a model; gcc makes 9 to 13 KB of it, zig 11 to 16."""
IMAGE_DEF = struct.pack("<5I", 0xFFFFDED3, 0x10210142, 0x1FF, 0, 0xAB123579)


def _image(board: Board, folder: Path, compiler: Compiler = "auto") -> bytes:
    compiled = tiny_model.write(folder / "c")
    made = firmware.build(compiled, folder / "c", board, folder / "out", compiler=compiler)
    assert made.flash_bytes < MOST_BYTES
    assert made.ram_bytes < 10 * 1024
    return (folder / "out" / "firmware.bin").read_bytes()


def _check_vectors(board: Board, image: bytes) -> None:
    stack, reset, _, fault = struct.unpack_from("<4I", image)
    ram, flash = board.memory.ram, board.memory.flash
    core1_bytes = 2048 if board.cpu.cores > 1 else 0
    assert stack == ram.base + ram.reserve_bytes - core1_bytes
    for handler in (reset, fault, _interrupt(board, image)):
        assert handler & 1  # Thumb
        assert flash.base < handler < flash.base + len(image)


def _interrupt(board: Board, image: bytes) -> int:
    (handler,) = struct.unpack_from("<I", image, 4 * (16 + board.registers["uart_irq"]))
    return int(handler)


@pytest.mark.parametrize("name", CORTEX_M)
def test_a_cortex_m_board_builds_and_has_its_vectors(name: str, tmp_path: Path) -> None:
    board = boards.load(name)
    image = _image(board, tmp_path)
    _check_vectors(board, image)
    assert (IMAGE_DEF in image[:4096]) == (name == "pico2")


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT)
def test_every_board_builds_with_zig_too(name: str, tmp_path: Path) -> None:
    _image(boards.load(name), tmp_path, "zig")


def test_a_board_like_another_is_one_file(tmp_path: Path) -> None:
    """What docs/adding_a_board.md says: copy the nearest, change what differs, build."""
    nearest = (boards_folder() / "nrf52840-dk.toml").read_text()
    mine = tmp_path / "my-nrf52840.toml"
    mine.write_text(
        nearest.replace('name     = "Nordic nRF52840-DK"', 'name     = "my own board"')
        .replace("uart_tx  = 6 ", "uart_tx  = 13 ")
        .replace("uart_rx  = 8 ", "uart_rx  = 15 ")
    )
    board = boards.load_file(mine)
    assert (board.id, board.registers["uart_tx"]) == ("my-nrf52840", 13)
    image = _image(board, tmp_path)
    _check_vectors(board, image)
    assert image != _image(boards.load("nrf52840-dk"), tmp_path / "nearest")


STEP_C = """
if (step == 1U && arena[0] == 101) { __asm volatile("udf #0"); }
if (step == 1U && arena[0] == 102) { for (;;) { } }
"""


@pytest.mark.emulator
@pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="needs qemu-system-arm")
def test_firmware_for_an_nrf51_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """QEMU has this chip; start-up, interrupt, ring, restart and faults are the others' too."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    board = boards.load("microbit-v1")
    compiled = tiny_model.write(tmp_path / "c", step_c=STEP_C)
    firmware.build(compiled, tmp_path / "c", board, tmp_path)
    write_bytes(emulate.flash_image(board), (tmp_path / "firmware.bin").read_bytes())
    with emulate.start(board) as running, Client(open_link(running.port)) as client:
        boot = client.hello().boot
        for seed in range(3):
            x = tiny_model.random_input(seed)
            found = client.infer(x.tobytes())
            assert found.output == tiny_model.run(x)[-1].tobytes()
        assert 3000 < found.cycles < 3000 * 40
        memory = client.memory()
        assert memory.stack_bytes == board.memory.ram.reserve_bytes
        assert 64 < memory.stack_used_bytes < 1024
        client.reset()
        assert client.hello().boot != boot
        place = r"in step 1 of the model at pc 0x\w{8}, lr 0x\w{8}$"
        for what, words in ((101, "gave up"), (102, "by its watchdog: the firmware hung")):
            bad = x.view("uint8").copy()
            bad[0] = what * pow(3, -1, 256) % 256  # what step 1 sees as that
            with pytest.raises(BoardCrashedError, match=f"{words} {place}"):
                client.infer(bad.tobytes())
        assert client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()
