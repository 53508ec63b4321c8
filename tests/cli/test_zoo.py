"""`edgekit zoo build` has an option for every metaparameter there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli.conftest import Run

from edgekit import zoo
from edgekit.cli import tables
from edgekit.cli.commands.zoo import build

MEASURED = Path(__file__).resolve().parents[2] / "benchmarks" / "zoo.json"


@pytest.mark.parametrize("name", zoo.names())
def test_every_metaparameter_is_an_option(name: str) -> None:
    options = {parameter.name for parameter in build.params}
    assert set(zoo.metaparameters(name)) <= options


def test_no_option_is_left_without_an_architecture() -> None:
    known = {key for name in zoo.names() for key in zoo.metaparameters(name)}
    options = {parameter.name for parameter in build.params}
    assert options - known == {"name", "output", "as_json"}


def test_options_reach_the_network(run: Run, tmp_path: Path) -> None:
    wanted = {"version": "1.0", "base_e": 16, "incr_e": 8, "resolution": "31x10", "classes": 3}
    options = [str(part) for key, value in wanted.items() for part in (_option(key), value)]
    path = tmp_path / "m.keras"
    said = run("zoo", "build", "squeezenet", *options, "--json", "-o", path)
    assert said.json["variant"] == wanted
    assert said.json["params"] == zoo.describe("squeezenet", **wanted).params
    assert path.exists()


def _option(key: str) -> str:
    return "--" + key.replace("_", "-")


@pytest.mark.skipif(not MEASURED.exists(), reason="the benchmarks are not beside these tests")
def test_the_legend_says_how_far_arenas_are_from_the_figure_of_ram() -> None:
    variants = json.loads(MEASURED.read_text(encoding="utf-8"))["variants"]
    ratios = [entry["compiled"]["arena_bytes"] / entry["ram_bytes"] for entry in variants]
    larger, smaller = map(int, re.findall(r"up to (\d+) %", tables._ZOO_LEGEND))
    assert larger - 1 < 100 * (max(ratios) - 1) <= larger
    assert smaller - 1 < 100 * (1 - min(ratios)) <= smaller + 0.5
    assert max(ratios) > 1


def test_a_star_marks_what_the_paper_counts_otherwise(run: Run) -> None:
    said = run("zoo", "list", "mobilenet_v2").out
    assert "6.9M*" in said
    assert "5.34M*" not in said
