"""What was measured last meets what edgekit is held to."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def goals(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    return importlib.import_module("goals")


def test_every_goal_is_met(goals: ModuleType) -> None:
    found = goals.goals()
    assert {goal.kind for goal in found} == {"count", "times", "share"}
    assert not [goal for goal in found if not goal.met]


def test_a_goal_is_missed_on_its_own_side(goals: ModuleType) -> None:
    found = goals.goals()
    for kind, factor in (("count", 1.01), ("share", 1.01), ("times", 0.99)):
        goal = next(goal for goal in found if goal.kind == kind)
        assert replace(goal, found=goal.limit).met
        assert not replace(goal, found=goal.limit * factor).met
