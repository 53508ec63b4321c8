"""Boards that run Linux, on the command line: this machine as the board."""

from __future__ import annotations

import pytest
from cli.conftest import Run
from support import classifier

from edgekit.flows.linux_bench import health_notes
from edgekit.protocol.replies import Health

QUIET = Health(40_000, 0, 0, 1)


def test_this_machine_is_built_for_flashed_and_measured_like_a_board(
    run: Run, files: classifier.Files
) -> None:
    assert "no model was put" in run("bench", "--board", "host").error()
    built = run("build", files.int8_model, "--board", "host", "--json").json
    assert built["runtime"] == "litert"
    flashed = run("flash", "--board", "host", "--json").json
    assert flashed["method"] == "agent"
    found = run("bench", files.int8_model, "--board", "host", "--runs", "3", "--json").json
    assert found["source"] == "host"
    assert found["model_sha256"] == built["model_sha256"]
    assert found["cycles_per_inference"] is None
    assert found["layers"] == []
    assert "no times per layer: LiteRT's Python interface has no profiler" in found["notes"]
    assert [timing["threads"] for timing in found["threads"]] == [1, 2, 3, 4]
    one = run("bench", "--board", "host", "--runs", "1", "--threads", "2", "--json").json
    assert [timing["threads"] for timing in one["threads"]] == [2]
    shown = run("bench", "--board", "host", "--runs", "2").out
    assert "Per number of threads" in shown
    assert "on this machine" in shown


@pytest.mark.parametrize("command", ["bench", "flash"])
def test_a_pi_needs_an_address(run: Run, files: classifier.Files, command: str) -> None:
    assert run("build", files.int8_model, "--board", "rpi4").status == 0
    said = run(command, "--board", "rpi4")
    assert said.status == 3
    assert "--port ssh://" in said.error()


def test_a_folder_of_sources_is_nothing_for_a_board_that_runs_linux(run: Run) -> None:
    said = run("build", ".", "--board", "rpi4")
    assert said.status == 2
    assert "runs the int8 .tflite file" in said.error()


@pytest.mark.parametrize(
    ("after", "notes"),
    [
        (Health(61_500, 0, 0, 1), ["temperature: 40.0 °C before, 61.5 °C after",
                                   "not throttled since it was started"]),
        (Health(80_000, 0x4, 0, 1), ["temperature: 40.0 °C before, 80.0 °C after",
                                     "held back while it was measured: throttled"]),
        (Health(40_000, 0x50000, 0, 1), ["temperature: 40.0 °C before, 40.0 °C after",
            "not held back now, but since it was started: under-voltage, throttled"]),
        (Health(Health.UNKNOWN_TEMPERATURE, Health.UNKNOWN_THROTTLING, 0, 1), []),
        (None, []),
    ],
)  # fmt: skip
def test_what_the_machine_says_of_itself_is_put_in_words(
    after: Health | None, notes: list[str]
) -> None:
    assert list(health_notes(QUIET, after)) == notes
