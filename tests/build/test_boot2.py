"""The second-stage boot: its checksum, and what it does to the flash interface."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import tiny_model

from edgekit import boards
from edgekit.build import firmware

MACHINE = Path(__file__).parents[1] / "support" / "boot2_machine.py"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("boot2")
    firmware.build(tiny_model.write(folder), folder, boards.load("pico"), folder)
    return (folder / "firmware.bin").read_bytes()


def _boot(image: bytes, mode: str) -> dict[str, Any]:
    pytest.importorskip("unicorn")
    done = subprocess.run(
        [sys.executable, MACHINE, mode], input=image, capture_output=True, timeout=60, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.emulator
@pytest.mark.parametrize("mode", ["quad", "single"])
def test_the_boot_enters_the_image_with_flash_in_continuous_quad_read(
    image: bytes, mode: str
) -> None:
    stack, entry = struct.unpack_from("<II", image, 256)
    found = _boot(image, mode)
    assert (found["pc"] | 1, found["sp"], found["vtor"]) == (entry, stack, 0x1000_0100)
    ssi = found["ssi"]
    assert ssi["0x8"] == 1  # enabled
    assert (ssi["0x14"], ssi["0xf0"]) == (2, 1)  # clk_sys / 2, sampled later
    assert ssi["0x0"] == (2 << 21) | (31 << 16) | (3 << 8)  # quad, 32 bits, read
    # Mode 0xA0 in every address phase, 4 dummy cycles, no command, 32 address bits, all quad.
    assert ssi["0xf4"] == (0xA0 << 24) | (4 << 11) | (8 << 2) | 2
    assert found["commands"][-1] == [0xEB, 0xA0]


@pytest.mark.emulator
def test_quad_is_enabled_only_where_it_is_not(image: bytes) -> None:
    assert _boot(image, "quad")["commands"] == [[0x35, 0], [0xEB, 0xA0]]
    assert _boot(image, "single")["commands"] == [[0x35, 0], [0x50], [0x31, 2], [0xEB, 0xA0]]
