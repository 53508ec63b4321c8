"""`edgekit zoo build` has an option for every metaparameter there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.conftest import Run

from edgekit import zoo
from edgekit.cli.commands.zoo import build


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
