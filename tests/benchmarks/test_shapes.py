"""The sweep of awkward shapes, as it was kept: no cliff anywhere, and every shape on every core."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])


@pytest.fixture
def results() -> ModuleType:
    return importlib.import_module("shapes_results")


def test_what_was_kept_has_every_shape_on_every_core(results: ModuleType) -> None:
    shapes = importlib.import_module("shapes")
    wanted = [shape.name for shape in shapes.SHAPES]
    found = results.load()
    assert {sweep.board for sweep in found} == set(shapes.BOARDS)
    assert all([cost.shape for cost in sweep.costs] == wanted for sweep in found)


def test_nothing_costs_much_more_than_twice_its_neighbour(results: ModuleType) -> None:
    for sweep in results.load():
        found = results.times(sweep)
        assert all(found[name] < 1.05 * results.CLIFF for name in results.cliffs(sweep)), sweep.core


def test_a_cliff_is_twice_the_neighbour(results: ModuleType) -> None:
    smooth = results.Cost(shape="smooth", neighbour=None, macs=100, count=100)
    awkward = results.Cost(shape="awkward", neighbour="smooth", macs=50, count=150)
    sweep = results.Sweep(
        board="b", core="c", compiler="x", flags=(), unit="instructions", costs=(smooth, awkward)
    )
    assert results.times(sweep) == {"awkward": 3.0}
    assert results.cliffs(sweep) == ["awkward"]
