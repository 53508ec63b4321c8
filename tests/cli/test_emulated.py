"""The main job on the emulated Pico, from the command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import serial
from cli.conftest import Run
from support.classifier import Files
from support.outer_models import wrapped

from edgekit import artifacts, example
from edgekit.artifacts import Benchmark, Checked, Diagnosis, Firmware, Quantized, Validation

pytestmark = pytest.mark.emulator
pytest.importorskip("unicorn", reason="needs the emulator extra")


def test_bench_builds_flashes_and_measures_in_one_go(run: Run, files: Files) -> None:
    said = run("bench", files.int8_model, "--board", "pico", "--emulate", "--runs", 3, "--json")
    assert said.status == 0
    found = said.json
    assert found["source"] == "emulator"
    assert found["board"] == "pico"
    assert found["clock_hz"] == 125_000_000
    assert found["latency_us"]["min"] == found["latency_us"]["p95"]  # emulated cycles repeat
    layers = sum(layer["cycles"] for layer in found["layers"])
    assert 0.8 * layers < found["cycles_per_inference"] < 3 * layers + 2000
    assert 0 < found["ram_bytes"]["stack"] < 4096
    assert any("not modelled" in note for note in found["notes"])
    again = run("bench", "--board", "pico", "--emulate", "--runs", 1, "--json").json
    assert again["cycles_per_inference"] == found["cycles_per_inference"]


def test_validate_on_the_emulator(run: Run, files: Files) -> None:
    said = run(
        "validate", files.float_model, files.int8_model, "--data", files.data,
        "--preprocess", "raw01", "--on", "emulator", "--device-samples", 15, "--json",
    )  # fmt: skip
    assert said.status == 0
    assert said.json["device_equals_host"] is True
    assert said.json["device_samples"] == 15
    assert said.json["samples"] == 120


@pytest.mark.slow
def test_a_model_with_float_ends_runs_as_its_int8_part(run: Run, files: Files) -> None:
    model = files.int8_model.with_name("outer.tflite")
    model.write_bytes(wrapped(files.int8_model.read_bytes(), "float32", "float32"))
    said = run(
        "validate", files.float_model, model, "--data", files.data,
        "--preprocess", "raw01", "--on", "emulator", "--device-samples", 10, "--json",
    )  # fmt: skip
    assert said.json["device_equals_host"] is True
    assert run("bench", model, "--board", "pico", "--emulate", "--runs", 1, "--json").status == 0


def test_bench_of_an_empty_board_says_what_to_do(run: Run) -> None:
    said = run("bench", "--board", "pico", "--emulate")
    assert said.status == 3
    assert "edgekit flash --board pico --emulate" in said.error()


def test_emulators_start_answer_and_stop(run: Run, files: Files) -> None:
    assert "no emulator runs" in run("emulator", "list").out
    assert run("build", files.int8_model, "--board", "pico").status == 0
    assert run("flash", "--board", "pico", "--emulate").status == 0
    assert run("emulator", "start").status == 2  # which one?
    started = run("emulator", "start", "--board", "pico", "--json").json
    try:
        assert [one["port"] for one in run("emulator", "list", "--json").json] == [started["port"]]
        flashed = run("flash", "--board", "pico", "--emulate")
        assert f"{started['port']} runs what was there before" in flashed.out
        said = run("bench", files.int8_model, "--board", "pico", "--port", started["port"],
                   "--runs", 1, "--json")  # fmt: skip
        assert said.status == 0
        assert said.json["source"] == "emulator"
        with serial.Serial(started["port"], exclusive=True):
            busy = run("bench", "--board", "pico", "--port", started["port"])
        assert busy.status == 3
        assert started["port"] in busy.error()
    finally:
        stopped = run("emulator", "stop", started["port"], "--json")
    assert stopped.json[0]["pid"] == started["pid"]
    assert run("emulator", "list", "--json").json == []
    nothing = run("emulator", "stop")
    assert nothing.status == 3
    assert "no emulator runs" in nothing.error()


def test_an_emulator_that_cannot_start_says_why(run: Run) -> None:
    said = run("emulator", "start", "mps2-an386")  # a blank Pico waits in its bootloader instead
    assert said.status == 3
    assert re.search("its flash is erased|is not installed", said.error())


def test_ctrl_c_ends_the_emulator_and_leaves_nothing_half_written(
    run: Run, files: Files, tmp_path: Path
) -> None:
    assert run("build", files.int8_model, "--board", "pico").status == 0
    assert run("flash", "--board", "pico", "--emulate").status == 0
    arguments = ["bench", "--board", "pico", "--emulate", "--runs", "100000"]
    with subprocess.Popen(
        [sys.executable, "-m", "edgekit", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        children = wait_for_children(process.pid)
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "error: interrupted" in err
    assert "Traceback" not in err
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert not (tmp_path / "build/pico/bench.json").exists()
    assert [path for path in tmp_path.rglob(".*") if path.is_file()] == []


def wait_for_children(pid: int) -> list[psutil.Process]:
    for _ in range(200):
        if children := psutil.Process(pid).children(recursive=True):
            return children
        time.sleep(0.05)
    raise AssertionError("no emulator was started")


@pytest.mark.slow  # tests/test_smoke.py does this with a small model
def test_deploy_of_the_example_end_to_end(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow", reason="needs the keras extra")
    said = run(
        "deploy", example.model_path(), "--data", example.data_path(), "--board", "pico",
        "--emulate", "--preprocess", example.PREPROCESSING, "--runs", 2,
        "--device-samples", 8, "--max-drop", 2, "--json",
    )  # fmt: skip
    assert said.status == 0
    found = said.json
    folder = Path("build/digits")
    for name, kind in (
        ("quantize", Quantized), ("diagnosis", Diagnosis), ("check", Checked),
        ("firmware", Firmware),
        ("bench", Benchmark), ("validate", Validation),
    ):  # fmt: skip
        saved = artifacts.load(kind, folder / f"{name}.json")
        assert json.loads((folder / f"{name}.json").read_text()) == found[name]
        assert saved.schema == artifacts.SCHEMA
    assert found["check"]["fits"] is True
    assert found["validate"]["device_equals_host"] is True
    assert found["validate"]["samples"] == 500
    assert found["validate"]["left_out"] == 100
    assert found["validate"]["int8"]["top1"] > 0.95
    assert found["bench"]["model_sha256"] == found["quantize"]["output_sha256"]
    page = Path(found["report"]).read_text()
    assert found["report"] == "build/digits/report.html"
    assert "emulated" in page
    assert "same bytes" in page
    assert "ReLU6" in page
    assert "Where the accuracy goes" in page
