"""Errors of networks' pooled draws: what images that overlap may claim, and what not."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
IMAGES = 600


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    return importlib.import_module("unseen_results")


def draw(kept: ModuleType, places: Any, changes: Any) -> Any:
    """Of one view; the converter's int8 loses nothing."""
    drop, error = 100 * changes.mean(), 100 * changes.std() / np.sqrt(len(changes))
    loss = kept.Loss(drop_points=drop, drop_error=error, agreement=0.9)
    return kept.Draw(
        network="n", seed=0, images=len(places), views=1, float_top1=0.5,
        stock=kept.Loss(drop_points=0, drop_error=0, agreement=1), auto=loss, repairs=(),
        worse_points=drop, worse_error=error,
        each=kept.Each(
            kept.spaced(places), kept.spaced(np.zeros(len(places))), kept.spaced(changes)
        ),
    )  # fmt: skip


def drawn(seed: int) -> Any:
    return np.random.default_rng(seed).integers(-1, 2, IMAGES)


def test_the_same_images_in_every_draw_are_no_more_than_one_draw(kept: ModuleType) -> None:
    one = draw(kept, np.arange(IMAGES), drawn(1))
    (found,) = kept.pooled([one] * 3)
    assert found.exact
    assert found.worse_error == pytest.approx(one.worse_error)
    assert found.worse_points == pytest.approx(one.worse_points)


def test_other_images_in_every_draw_are_three_times_as_many(kept: ModuleType) -> None:
    draws = [draw(kept, np.arange(IMAGES) + IMAGES * n, drawn(n)) for n in range(3)]
    (found,) = kept.pooled(draws)
    alone = [one.worse_error for one in draws]
    assert found.worse_error == pytest.approx(np.sqrt(np.square(alone).sum()) / 3)


def test_images_need_not_come_in_the_same_order(kept: ModuleType) -> None:
    changes, order = drawn(2), np.random.default_rng(0).permutation(IMAGES)
    draws = [draw(kept, np.arange(IMAGES), changes), draw(kept, order, changes[order])]
    assert kept.pooled(draws)[0].worse_error == pytest.approx(draws[0].worse_error)


def test_without_images_the_error_is_a_bound(kept: ModuleType) -> None:
    draws = [draw(kept, np.arange(IMAGES), drawn(seed)) for seed in range(3)]
    (exact,) = kept.pooled(draws)
    (bound,) = kept.pooled([msgspec.structs.replace(one, each=None) for one in draws])
    assert not bound.exact
    assert bound.worse_error == pytest.approx(np.mean([one.worse_error for one in draws]))
    assert exact.worse_error < bound.worse_error


def test_every_network_has_its_draws(kept: ModuleType) -> None:
    draws = kept.load().draws
    assert len(kept.pooled(draws)) == len({one.network for one in draws}) == 7
