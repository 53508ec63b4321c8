"""How much is tried before a budget is refused: counted, as a time would depend on the machine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.wide_net import wide_net

from edgekit.codegen.optimizing import optimized
from edgekit.planner import Budget, Plan
from edgekit.planner.streams import Member
from edgekit.planner.walking import Trace, Walk
from edgekit.tflite import read_graph


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The budget of every search."""
    found: list[int] = []
    search = Budget.plan_within

    def counted(self: Budget, ram_bytes: int) -> Plan:
        found.append(ram_bytes)
        return search(self, ram_bytes)

    monkeypatch.setattr(Budget, "plan_within", counted)
    return found


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[int, int], ...]]:
    """The outputs and the bands of every walk down an image."""
    found: list[tuple[tuple[int, int], ...]] = []
    walk = Walk.run

    def counted(self: Walk) -> Trace:
        members: tuple[Member, ...] = tuple(self._members)
        found.append(tuple((member.output, member.band) for member in members))
        return walk(self)

    monkeypatch.setattr(Walk, "run", counted)
    return found


@pytest.mark.parametrize("kernels", ["", "m0plus_dual", "m3", "mve", "dsp", "dsp_dual"])
def test_a_budget_that_cannot_be_met_is_searched_for_once(
    kernels: str, searches: list[int], walks: list[tuple[tuple[int, int], ...]]
) -> None:
    """No room for kernels and no pass that did nothing would change the answer."""
    found = optimized(replace(read_graph(wide_net(), "net"), kernels=kernels), 100)
    assert found.planned.arena_bytes > 100
    assert searches == [100]
    assert 0 < len(walks) == len(set(walks))


@pytest.mark.parametrize(("kernels", "most"), [("m0plus", 1), ("mve", 1), ("dsp", 5)])
def test_a_budget_that_is_met_is_searched_for_once_for_each_room(
    kernels: str, most: int, searches: list[int], walks: list[tuple[tuple[int, int], ...]]
) -> None:
    found = optimized(replace(read_graph(wide_net(), "net"), kernels=kernels), 4500)
    assert found.planned.arena_bytes <= 4500
    assert 1 <= len(searches) <= most
    assert 0 < len(walks) == len(set(walks))
