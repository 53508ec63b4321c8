"""The MLPerf Tiny benchmark's conversation with the emulated Pico, in both of its modes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from support import task_model
from support.mlperf_runner import ACCURACY, PERFORMANCE, WINDOWS, Runner

from edgekit import boards, emulate
from edgekit.artifacts import write_bytes
from edgekit.build import firmware
from edgekit.link import open_link
from edgekit.link.client import Client

pytestmark = pytest.mark.emulator

PICO = boards.load("pico")
OUTPUTS = 12
SCALE = 1 / 256


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Firmware with a model of keyword spotting's shapes."""
    folder = tmp_path_factory.mktemp("kws")
    compiled = task_model.write(folder, (49, 10, 1), OUTPUTS, scale=SCALE, zero_point=-128)
    firmware.build(compiled, folder, PICO, folder)
    return (folder / "firmware.bin").read_bytes()


@pytest.fixture
def runner(image: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """The benchmark's runner on the pty of an emulated Pico."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    write_bytes(emulate.flash_image(PICO), image)
    with emulate.start(PICO, link="pty") as board:
        with Client(open_link(board.port)) as client:
            client.hello()  # it has started: what it said then is nobody's answer
        found = Runner(board.port)
        yield found
        found.close()


def _inputs(count: int) -> list[npt.NDArray[np.int8]]:
    source = np.random.default_rng(1)
    return [source.integers(-128, 128, 490).astype(np.int8) for _ in range(count)]


def _expected(x: npt.NDArray[np.int8]) -> list[float]:
    output = task_model.run(x, OUTPUTS).astype(np.float32)
    return [float(f"{value:.3f}") for value in np.float32(SCALE) * (output + 128)]


def test_accuracy_mode_gets_the_models_outputs_of_each_file(runner: Runner) -> None:
    assert (runner.name(), runner.model()) == ("edgekit", "kws01")
    for x in _inputs(4):
        runner.load(x.tobytes())
        assert runner.infer(*ACCURACY).results == _expected(x)


def test_performance_mode_gets_the_same_time_in_every_window(runner: Runner) -> None:
    (x,) = _inputs(1)
    times, warm_ups = PERFORMANCE[runner.model()]
    windows = []
    for _ in range(WINDOWS):
        runner.load(x.tobytes())
        windows.append(runner.infer(times, warm_ups))
    assert all(window.results == _expected(x) for window in windows)
    per_run_us = [window.elapsed_us / times for window in windows]
    assert max(per_run_us) - min(per_run_us) < 0.1  # two laps, rounded to microseconds
    assert 20 < per_run_us[0] < 500  # 490 bytes written and their like
