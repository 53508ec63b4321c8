"""The agent on arm64, as on a Raspberry Pi: an arm64 Debian's Python by qemu-user."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from support import classifier
from support.arm64_userland import PYTHON, SITE

from edgekit import boards
from edgekit.build import agent
from edgekit.flows import linux_bench
from edgekit.flows.device import Device
from edgekit.link import open_link
from edgekit.link.client import Client
from edgekit.runtimes import litert

pytestmark = [pytest.mark.emulator, pytest.mark.slow]
_QEMU = "qemu-aarch64-static"


@pytest.fixture
def python() -> list[str]:
    """The command of an arm64 Python that has tflite-runtime."""
    root = os.environ.get("EDGEKIT_ARM64_USERLAND", "")
    if shutil.which(_QEMU) is None:
        pytest.skip(f"{_QEMU} is not installed (apt-get install qemu-user-static)")
    if not (Path(root) / PYTHON).exists() or not root:
        pytest.skip("EDGEKIT_ARM64_USERLAND names no folder of tests/support/arm64_userland.py")
    return [
        "env",
        f"PYTHONPATH={root}/{SITE}",
        _QEMU,
        "-cpu",
        "cortex-a72",
        "-L",
        root,
        f"{root}/{PYTHON}",
    ]


def test_the_agent_runs_and_is_measured_on_arm64(python: list[str], tmp_path: Path) -> None:
    model = classifier.write(tmp_path).int8_model.read_bytes()
    board = boards.load("host")
    agent.build(model, "classifier", board, tmp_path)
    port = f"exec://{shlex.join([*python, str(tmp_path / agent.FILE)])}"
    reference = litert.Interpreter(model)
    with Client(open_link(port), board="host") as client:
        hello = client.hello()
        assert hello.compiler == "tflite-runtime 2.14.0"
        for seed in range(5):
            x = np.random.default_rng(seed).integers(-128, 128, (1, *classifier.SHAPE), np.int8)
            found = np.frombuffer(client.infer(x.tobytes()).output, np.int8).astype(int)
            assert np.abs(found - reference.run(x).reshape(-1)).max() <= 1
        device = Device(client, port, "emulator")
        timed = linux_bench.measure(device, hello, board, runs=2, progress=lambda *_: None)
    assert [timing.threads for timing in timed.threads] == [1, 2, 3, 4]
    assert timed.source == "emulator"  # its time is this machine's, under an emulator
