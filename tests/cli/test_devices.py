"""Commands that talk to a board; here it is the firmware's C, run on this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Run
from serial.tools import list_ports
from support import classifier, host_port
from support.classifier import Files

from edgekit import artifacts
from edgekit.artifacts import Validation, sha256
from edgekit.flows import emulators, evaluation


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return host_port.build(classifier.int8_model(), tmp_path_factory.mktemp("host"))


@pytest.fixture
def port(program: Path) -> Iterator[str]:
    with host_port.serve(program) as name:
        yield name


def test_bench_has_the_fixed_keys_and_is_not_called_hardware(
    run: Run, files: Files, port: str
) -> None:
    assert run("build", files.int8_model, "--board", "pico").status == 0
    said = run("bench", files.int8_model, "--board", "pico", "--port", port, "--runs", 3, "--json")
    assert said.status == 0
    found = said.json
    assert found["source"] == "emulator"
    assert found["model_sha256"] == sha256(files.int8_model.read_bytes())
    assert found["runs"] == 3
    assert found["flash_bytes"] > 200
    assert found["latency_us"].keys() == {"min", "median", "p95"}
    assert found["ram_bytes"].keys() == {"static", "stack"}
    assert [layer["op"] for layer in found["layers"]] == ["CONV_2D"]
    assert found["layers"][0]["macs"] == found["macs"] == 24 * classifier.CLASSES
    assert json.loads(Path("build/pico/bench.json").read_text()) == found


def test_bench_of_an_unknown_build_says_what_the_board_says(run: Run, port: str) -> None:
    said = run("bench", "--board", "pico", "--port", port, "--json")
    assert said.status == 0
    assert said.json["macs"] is None
    assert said.json["flash_bytes"] is None
    assert said.json["compiler"] == "the host's compiler"
    assert run("bench", "--board", "pico", "--port", port).status == 0


def test_cores_are_chosen_up_to_what_the_board_has(run: Run, port: str) -> None:
    where = ("bench", "--board", "pico", "--port", port, "--runs", 1)
    assert run(*where, "--cores", 1, "--json").json["cores"] == 1
    assert run(*where, "--json").json["cores"] is None
    refused = run(*where, "--threads", 2)  # this firmware runs on one
    assert refused.status == 3
    assert "refused" in refused.error()
    too_many = run(*where, "--cores", 3)
    assert too_many.status == 2
    assert "pico has 2 cores, and --cores asks for 3" in too_many.error()


def test_firmware_of_another_model_is_refused(run: Run, files: Files, port: str) -> None:
    other = files.int8_model.with_name("other.tflite")
    other.write_bytes(classifier.int8_model(input_scale=2 / 255))
    said = run("bench", other, "--board", "pico", "--port", port)
    assert said.status == 3
    assert f"not {sha256(other.read_bytes())[:12]}" in said.error()


def validate(files: Files, *more: object) -> tuple[object, ...]:
    return (
        "validate", files.float_model, files.int8_model,
        "--data", files.data, "--preprocess", "raw01", *more,
    )  # fmt: skip


def test_validate_on_the_host(run: Run, files: Files) -> None:
    said = run(*validate(files, "--json"))
    assert said.status == 0
    found = said.json
    assert found["samples"] == 120
    assert found["float"]["top1"] == 0.9  # one label in ten is wrong on purpose
    assert found["float"]["top5"] > 0.9
    assert found["device_equals_host"] is None
    low, high = found["drop_ci95"]
    assert low <= found["drop_points"] <= high
    assert sum(map(sum, found["confusion"])) == 120
    saved = artifacts.load(Validation, files.int8_model.with_name("validate.json"))
    assert saved.samples == 120


def test_validate_on_a_board_compares_every_byte(run: Run, files: Files, port: str) -> None:
    said = run(*validate(files, "--on", port, "--device-samples", 40, "--json"))
    assert said.status == 0
    assert said.json["device_equals_host"] is True
    assert said.json["device_samples"] == 40
    assert said.json["first_difference"] is None


def test_a_board_that_computes_something_else_is_caught_and_the_layer_named(
    run: Run, files: Files, tmp_path: Path
) -> None:
    """It claims to be the model, but its input is scaled by one more in a thousand."""
    good = files.int8_model.read_bytes()
    wrong = classifier.int8_model(input_scale=1.02 / 255)
    program = host_port.build(wrong, tmp_path / "wrong", claims=good)
    assert run("build", files.int8_model, "--board", "pico").status == 0
    with host_port.serve(program) as port:
        said = run(*validate(files, "--on", port, "--json"))
    assert said.status == 1
    assert said.json["device_equals_host"] is False
    assert (
        "on the host; the first layer that differs is step 0, CONV_2D"
        in (said.json["first_difference"])
    )


def test_validate_above_the_limit_exits_1_and_still_prints(run: Run, files: Files) -> None:
    files.int8_model.write_bytes(classifier.int8_model(input_scale=200 / 255))
    said = run(*validate(files, "--max-drop", 1, "--json"))
    assert said.status == 1
    assert said.json["ok"] is False
    assert said.json["drop_points"] > 1
    assert "limit 1" in run(*validate(files, "--max-drop", 1)).out


def test_after_ctrl_c_the_same_command_goes_on(
    run: Run, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, calls = evaluation.Int8Scores.scores, []

    def scores(self: Any, over: Any, places: Any) -> Any:
        calls.append(places)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return right(self, over, places)

    monkeypatch.setattr(evaluation.Int8Scores, "scores", scores)
    said = run(*validate(files, "--json"))
    assert said.status == 130
    assert "the same command goes on where this one stopped" in said.err
    assert not files.int8_model.with_name("validate.json").exists()
    found = run(*validate(files, "--json")).json
    assert found["resumed_samples"] == 64
    assert found["samples"] == 120


def test_scores_that_are_not_numbers_are_refused(run: Run, files: Files) -> None:
    files.float_model.write_bytes(classifier.float_model(bias=float("nan")))
    said = run(*validate(files))
    assert said.status == 2
    assert "answers NaN or infinity to 64 of 64 images" in said.error()


def test_validate_on_tflm(run: Run, files: Files) -> None:
    pytest.importorskip("tflite_micro", reason="TFLM's wheel is for Linux on x86-64")
    said = run(*validate(files, "--on", "tflm", "--device-samples", 20))
    assert said.status == 0
    assert "same bytes on all 20 images" in said.out


def test_models_of_different_data_are_refused(run: Run, files: Files, tmp_path: Path) -> None:
    import numpy as np

    np.savez(tmp_path / "big.npz", x=np.zeros((9, 8, 8, 1), np.uint8), y=np.zeros(9, int))
    said = run(*validate(files)[:4], "big.npz", "--preprocess", "raw01")
    assert said.status == 2
    assert "8×8×1" in said.error()


def test_no_board_offers_the_emulated_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", list)
    for command in (("bench",), ("deploy", "any.h5", "--data", "any.npz")):
        said = run(*command, "--board", "pico")
        assert said.status == 3
        assert "--emulate" in said.error()


def test_no_board_but_an_emulator_that_runs_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_ports, "comports", list)
    ours, other = (
        emulators.Emulator(board=board, port=f"/dev/pts/{board}", pid=1, started=0.0)
        for board in ("pico", "pico2")
    )
    monkeypatch.setattr(emulators, "running", lambda: (ours, other))
    for command in ("bench", "monitor"):
        said = run(command, "--board", "pico")
        assert said.status == 3
        assert "An emulated one runs: --port /dev/pts/pico." in " ".join(said.error().split())


def test_port_and_emulate_exclude_each_other(run: Run) -> None:
    said = run("bench", "--board", "pico", "--port", "/dev/ttyACM0", "--emulate")
    assert said.status == 2


def test_a_port_that_is_not_there(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    for port in (f"socket://127.0.0.1:{free}", "/dev/ttyNOPE"):
        said = run("bench", "--board", "pico", "--port", port)
        assert said.status == 3
        said.error()


def test_no_drive(run: Run, files: Files) -> None:
    assert run("build", files.int8_model, "--board", "pico").status == 0
    said = run("flash", "--board", "pico")
    assert said.status == 3
    assert "RPI-RP2" in said.error() or "BOOTSEL" in said.err


def test_flash_names_the_port_that_is_not_there(run: Run, files: Files) -> None:
    assert run("build", files.int8_model, "--board", "pico").status == 0
    said = run("flash", "--board", "pico", "--port", "/dev/ttyNOPE")
    assert said.status == 3
    assert "/dev/ttyNOPE" in said.error()
    assert "RPI-RP2" in said.err
    both = run("flash", "--board", "pico", "--port", "/dev/ttyNOPE", "--emulate")
    assert both.status == 2
    assert "exclude each other" in both.error()


@pytest.mark.parametrize(
    ("command", "board", "instead"),
    [
        ("bench", "pico", "Or use --emulate."),
        ("monitor", "pico", "edgekit emulator start pico"),
        ("bench", "nano33-ble-sense", ""),
    ],
)
def test_without_a_board_the_hint_names_what_the_command_can_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, board: str, instead: str
) -> None:
    monkeypatch.setattr("edgekit.link.ports.usb_ports", lambda: ())
    said = run(command, "--board", board)
    assert said.status == 3
    assert "Plug it in" in said.error()
    assert instead in said.err
    assert instead or "emulate" not in said.err


def test_an_emulator_that_there_is_not_is_refused_before_anything_is_done(
    run: Run, files: Files
) -> None:
    for command in (
        ("flash", files.int8_model, "--board", "rpi4", "--emulate"),
        ("flash", files.int8_model, "--board", "esp32-s3", "--emulate"),
        ("bench", files.int8_model, "--board", "rpi4", "--emulate"),
        validate(files, "--on", "emulator", "--board", "rpi4"),
    ):
        said = run(*command)
        assert said.status == 2
        assert "there is no emulator for" in said.error()
        assert not Path("build").exists()


def test_flash_without_a_build(run: Run) -> None:
    said = run("flash", "--board", "pico", "--emulate")
    assert said.status == 2
    assert "nothing was built for pico yet" in said.error()


def test_flash_takes_the_last_build(run: Run, files: Files) -> None:
    assert run("build", files.int8_model, "--board", "pico", "-o", "somewhere").status == 0
    said = run("flash", "--board", "pico", "--emulate", "--json")
    assert said.status == 0
    assert said.json["checked"] == "read back"
    firmware = Path("somewhere/firmware.bin").read_bytes()
    assert said.json["image_bytes"] >= len(firmware)
    assert Path(said.json["place"]).read_bytes().startswith(firmware)


def test_a_misspelt_place_is_not_taken_for_a_port(run: Run, files: Files) -> None:
    said = run(*validate(files, "--on", "emulater"))
    assert said.status == 2
    assert "Did you mean emulator?" in said.error()


def test_progress_goes_to_a_terminal_and_json_stays_alone(files: Files) -> None:
    reading, writing = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "edgekit", *map(str, validate(files, "--json"))],
        stdout=subprocess.PIPE, stderr=writing, timeout=60, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(writing)
    shown = os.read(reading, 1 << 16).decode()
    os.close(reading)
    assert json.loads(done.stdout)["samples"] == 120
    assert "float and int8" in shown
