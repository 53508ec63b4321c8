"""Does it hang together? From an int8 model to numbers from an emulated board, in seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import classifier

pytestmark = pytest.mark.emulator
pytest.importorskip("unicorn", reason="needs the emulator extra")


def edgekit(folder: Path, *arguments: str) -> str:
    """Runs the command as a user does: a process of its own, in a folder of its own."""
    env = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    command = [sys.executable, "-m", "edgekit", *arguments]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_model_reaches_the_emulated_pico_and_keeps_its_bytes(tmp_path: Path) -> None:
    files = classifier.write(tmp_path)
    float_model, int8_model, data = (
        str(path) for path in (files.float_model, files.int8_model, files.data)
    )
    edgekit(tmp_path, "check", int8_model, "--board", "pico")
    edgekit(tmp_path, "build", int8_model, "--board", "pico")
    edgekit(tmp_path, "flash", "--board", "pico", "--emulate")
    bench = json.loads(edgekit(tmp_path, "bench", "--board", "pico", "--emulate", "--json"))
    assert bench["cycles_per_inference"] > bench["macs"] > 0
    compared = ["--preprocess", "raw01", "--on", "emulator", "--device-samples", "5", "--json"]
    found = json.loads(
        edgekit(tmp_path, "validate", float_model, int8_model, "--data", data, *compared)
    )
    assert found["device_equals_host"] is True
    assert found["device_samples"] == 5
