"""The firmware of Arm's MPS2 and MPS3 boards, in QEMU: every core answers, counts and restarts."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from support import qemu, tiny_model

from edgekit import boards, emulate
from edgekit.build import firmware
from edgekit.emulate import RunningBoard
from edgekit.errors import BoardCrashedError, DeviceError, MissingToolError
from edgekit.link import open_link
from edgekit.link.client import Client

pytestmark = [pytest.mark.emulator, qemu.NEEDS_QEMU]

M4 = "mps2-an386"
# What the first input byte makes step 1 do: fault, or run NOPS instructions more.
NOPS = 1000
STEP_C = f"""
if (step == 1U && arena[0] == 101) {{ (void)*(volatile uint32_t *)0xF0000000U; }}
if (step == 1U && arena[0] == 103) {{ for (;;) {{ }} }}
if (step == 1U && arena[0] == 102) {{ __asm volatile(".rept {NOPS}\\n nop\\n .endr"); }}
"""
NORMAL, BAD_ADDRESS, LONG, HANG = 0, 101, 102, 103


def build(board: str, folder: Path) -> Path:
    """The image of the tiny model's firmware."""
    compiled = tiny_model.write(folder, step_c=STEP_C)
    firmware.build(compiled, folder, boards.load(board), folder / board)
    return folder / board / "firmware.bin"


@pytest.fixture(scope="module")
def m4_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(M4, tmp_path_factory.mktemp("mps2"))


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@contextmanager
def running(board: str, image: Path) -> Iterator[tuple[RunningBoard, Client]]:
    place = emulate.flash_image(boards.load(board))
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(image, place)
    with emulate.start(boards.load(board)) as found, open_link(found.port) as link:
        yield found, Client(link)


def steered(first: int) -> bytes:
    """An input whose first byte is `first` when step 1 sees it: step 0 makes x * 3 of x."""
    x = tiny_model.random_input().view("uint8").copy()
    x[0] = first * pow(3, -1, 256) % 256
    return x.tobytes()


@pytest.mark.parametrize("board", qemu.BOARDS)
def test_every_core_infers_and_counts_instructions_alike(board: str, tmp_path: Path) -> None:
    x = tiny_model.random_input()
    engine = emulate.engine_of(boards.load(board))
    with running(board, build(board, tmp_path)) as (_, client):
        hung = _crash_of(client, HANG)
        clock_hz = client.hello().clock_hz
        assert client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()
        plain, again, longer = (
            engine.instructions(client.infer(steered(what)).cycles, clock_hz)
            for what in (NORMAL, NORMAL, LONG)
        )
    assert re.search("watchdog: the firmware hung in step 1 of the model at pc 0x[0-9a-f]{8}", hung)
    assert plain
    assert longer
    # Clocks of 20 and 32 MHz do not tick with every instruction: two readings, one off each.
    assert abs(plain - again) <= 2
    assert abs(longer - plain - NOPS) <= 6  # the same, beside the comparison that is taken


def test_a_fault_is_reported_and_the_board_comes_back(m4_image: Path) -> None:
    x = tiny_model.random_input()
    with running(M4, m4_image) as (board, client):
        boot = client.hello().boot
        words = _crash_of(client, BAD_ADDRESS)
        assert re.search(r"in step 1 .* pc 0x\w{8}, lr 0x\w{8}, cfsr 0x00008200", words)
        assert "a data access that failed" in words
        assert client.hello().boot != boot
        assert client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()
        assert board.statistics().resets == 2


def test_waiting_costs_nothing(m4_image: Path) -> None:
    with running(M4, m4_image) as (board, client):
        client.hello()
        family = _family(board)
        before = sum(sum(process.cpu_times()[:2]) for process in family)
        time.sleep(1)
        after = sum(sum(process.cpu_times()[:2]) for process in family)
    assert len(family) == 2
    assert after - before < 0.2


def test_qemu_dies_with_the_process_that_started_it(m4_image: Path) -> None:
    def kill_the_engine() -> None:
        with running(M4, m4_image) as (board, client):
            client.hello()
            family.extend(_family(board))
            family[0].kill()
            assert _is_gone(family[1])

    family: list[psutil.Process] = []
    with pytest.raises(DeviceError, match="ended by itself"):
        kill_the_engine()
    assert len(family) == 2


def test_an_erased_flash_is_named(tmp_path: Path) -> None:
    image = tmp_path / "erased.bin"
    image.write_bytes(b"\xff" * 64)
    with pytest.raises(DeviceError, match="its flash is erased"), running(M4, image):
        pass


def test_firmware_that_locks_up_is_a_crash_with_its_reason(tmp_path: Path) -> None:
    image = tmp_path / "lockup.bin"
    image.write_bytes(bytes(64))  # a stack at 0, a reset handler without the Thumb bit
    with pytest.raises(DeviceError, match=r"Lockup") as caught, running(M4, image) as (_, client):
        client.hello()
    assert "pc 0x00000000" in caught.value.message
    assert "R00" not in caught.value.message


def test_a_missing_qemu_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingToolError, match="emulator of mps2-an386") as caught:
        emulate.start(boards.load(M4))
    assert caught.value.hint == "apt-get install qemu-system-arm"


def _crash_of(client: Client, what: int) -> str:
    with pytest.raises(BoardCrashedError) as error:
        client.infer(steered(what))
    return error.value.message


def _family(board: RunningBoard) -> list[psutil.Process]:
    engine = psutil.Process(board.process_id)
    return [engine, *engine.children()]


def _is_gone(process: psutil.Process) -> bool:
    try:
        process.wait(5)
    except psutil.TimeoutExpired:
        return False
    return True
