"""The sweep of awkward shapes, as it was kept: no cliff anywhere, and every shape on every core."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def shapes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    return importlib.import_module("shapes")


def test_what_was_kept_has_every_shape_on_every_core(shapes: ModuleType) -> None:
    wanted = [shape.name for shape in shapes.SHAPES]
    found = shapes.load()
    assert {sweep.board for sweep in found} == set(shapes.BOARDS)
    assert all([cost.shape for cost in sweep.costs] == wanted for sweep in found)


def test_nothing_costs_much_more_than_twice_its_neighbour(shapes: ModuleType) -> None:
    for sweep in shapes.load():
        found = shapes.times(sweep)
        assert all(found[name] < 1.05 * shapes.CLIFF for name in shapes.cliffs(sweep)), sweep.core


def test_a_cliff_is_twice_the_neighbour(shapes: ModuleType) -> None:
    smooth = shapes.Cost(shape="smooth", neighbour=None, macs=100, count=100)
    awkward = shapes.Cost(shape="awkward", neighbour="smooth", macs=50, count=150)
    sweep = shapes.Sweep(
        board="b", core="c", compiler="x", flags=(), unit="instructions", costs=(smooth, awkward)
    )
    assert shapes.times(sweep) == {"awkward": 3.0}
    assert shapes.cliffs(sweep) == ["awkward"]
