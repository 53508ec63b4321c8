"""The Pico 2's two watchdogs: SysTick names the place; the chip's own needs no interrupt."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import tiny_model

from edgekit import boards, emulate
from edgekit.artifacts import write_bytes
from edgekit.build import firmware
from edgekit.errors import BoardCrashedError
from edgekit.link import open_link
from edgekit.link.client import Client

# QEMU's nRF51 has the first of them in the quick tests.
pytestmark = [pytest.mark.emulator, pytest.mark.slow]

PICO2 = boards.load("pico2")
STEP_C = """
if (step == 1U && arena[0] == 101) { for (;;) { } }
if (step == 1U && arena[0] == 102) { __asm volatile("cpsid i"); for (;;) { } }
"""
HANG, HANG_UNINTERRUPTED = 101, 102


def _input(first: int) -> bytes:
    """An input whose first byte is `first` when step 1 sees it: step 0 makes x * 3 of x."""
    x = tiny_model.random_input().view("uint8").copy()
    x[0] = first * pow(3, -1, 256) % 256
    return x.tobytes()


def test_a_hang_is_ended_with_and_without_interrupts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    compiled = tiny_model.write(tmp_path / "c", step_c=STEP_C)
    firmware.build(compiled, tmp_path / "c", PICO2, tmp_path)
    write_bytes(emulate.flash_image(PICO2), (tmp_path / "firmware.bin").read_bytes())
    x = tiny_model.random_input()
    hung = "by its watchdog: the firmware hung in step 1 of the model"
    with emulate.start(PICO2) as board, Client(open_link(board.port)) as client:
        with pytest.raises(BoardCrashedError, match=rf"{hung} at pc 0x1\w{{7}}, lr 0x\w{{8}}$"):
            client.infer(_input(HANG))
        with pytest.raises(BoardCrashedError, match=f"{hung}$"):
            client.infer(_input(HANG_UNINTERRUPTED))
        assert client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()
        assert board.statistics().resets == 3
