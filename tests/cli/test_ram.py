"""--ram from the command line: the same bytes from less memory, or a clear no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.conftest import Run
from support.wide_net import wide_net


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "wide.tflite"
    path.write_bytes(wide_net())
    return path


def test_codegen_keeps_to_the_budget(run: Run, model: Path, tmp_path: Path) -> None:
    free = run("codegen", model, "-o", tmp_path / "free", "--json").json
    kept = run("codegen", model, "--ram", "4k", "-o", tmp_path / "kept", "--json").json
    assert kept["arena_bytes"] <= 4096 < free["arena_bytes"]
    assert "ROLLED" in [step["op"] for step in kept["steps"]]


def test_too_small_a_budget_is_refused_with_the_least_that_it_takes(
    run: Run, model: Path, tmp_path: Path
) -> None:
    said = run("codegen", model, "--ram", "100", "-o", tmp_path / "c")
    assert said.status == 1
    assert "even row by row, --ram allows 100 B" in said.error()
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("size", ["4q", "-1", "k", "4.5k"])
def test_what_is_no_size_is_refused(run: Run, model: Path, size: str) -> None:
    said = run("codegen", model, "--ram", size, "-o", "c")
    assert said.status == 2
    assert "is not a size" in said.error()


@pytest.mark.emulator
@pytest.mark.slow
def test_build_counts_all_that_the_firmware_takes(run: Run, model: Path) -> None:
    pytest.importorskip("unicorn", reason="needs the emulator extra")
    free = run("build", model, "--board", "pico", "--json").json
    budget = free["ram_bytes"] - 1000
    kept = run("build", model, "--board", "pico", "--ram", budget, "--json").json
    assert kept["ram_bytes"] <= budget


@pytest.mark.slow  # tests/planner/test_rolling.py plans frontiers, tests/report shows one
@pytest.mark.emulator
def test_the_frontier_is_measured_from_the_fastest_to_the_smallest(run: Run, model: Path) -> None:
    pytest.importorskip("unicorn", reason="needs the emulator extra")
    found = run("bench", model, "--board", "pico", "--emulate", "--frontier", "--json").json
    points = found["points"]
    assert len(points) >= 3
    assert points[0]["rolled_layers"] == 0
    sizes = [point["ram_bytes"] for point in points]
    assert sizes == sorted(sizes, reverse=True)
    assert all(point["cycles"] > 0 for point in points)
    assert json.loads(Path("build/pico/frontier.json").read_text())["points"] == points
    # The fastest was flashed last.
    assert (
        run("bench", "--board", "pico", "--emulate", "--runs", 1, "--json").json[
            "cycles_per_inference"
        ]
        == points[0]["cycles"]
    )


def test_a_frontier_takes_a_model_and_the_emulator(run: Run) -> None:
    said = run("bench", "--board", "pico", "--frontier")
    assert said.status == 2
    assert "--emulate" in said.error()


@pytest.mark.parametrize("given", [("--port", "/dev/ttyX"), ("--runs", 10), ("--cores", 1)])
def test_a_frontier_refuses_what_has_no_say_in_it(
    run: Run, model: Path, given: tuple[object, ...]
) -> None:
    said = run("bench", model, "--board", "pico", "--emulate", "--frontier", *given)
    assert said.status == 2
    assert f"--frontier takes no {given[0]}" in " ".join(said.error().split())


@pytest.mark.parametrize("board", ["rpi4", "nucleo-f446re"])
def test_a_frontier_needs_an_emulated_board(run: Run, model: Path, board: str) -> None:
    said = run("bench", model, "--board", board, "--emulate", "--frontier")
    assert said.status == 2
    assert f"there is no emulator for {board}" in " ".join(said.error().split())
