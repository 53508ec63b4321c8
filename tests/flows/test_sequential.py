"""Early verdicts against those of all images, over drawn orders."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.flows.sequential import DropTest, bound, interval


def drawn(images: int, lost: int, gained: int, seed: int) -> np.ndarray:
    changes = np.zeros(images, int)
    changes[:lost], changes[lost : lost + gained] = 1, -1
    np.random.default_rng(seed).shuffle(changes)
    return changes


def verdict(changes: np.ndarray, limit: float, batch: int = 40) -> tuple[bool | None, int]:
    """What is decided, and how many images that takes."""
    test = DropTest(len(changes), limit)
    for start in range(0, len(changes), batch):
        if test.add(changes[start : start + batch]) is not None:
            return test.within, min(start + batch, len(changes))
    return None, len(changes)


@pytest.mark.parametrize(("lost", "gained", "limit"), [(60, 50, 0.5), (61, 50, 0.5), (9, 9, 0.0)])
def test_early_verdicts_are_wrong_at_most_once_in_twenty(
    lost: int, gained: int, limit: float
) -> None:
    """At the limit and just above it, where it is hardest; 300 orders, 5 % and three sigmas."""
    within = 100 * (lost - gained) / 2000 <= limit
    found = [verdict(drawn(2000, lost, gained, seed), limit, 500)[0] for seed in range(300)]
    wrong = sum(one is not None and one != within for one in found)
    assert wrong <= 0.05 * 300 + 3 * np.sqrt(300 * 0.05 * 0.95)


@pytest.mark.parametrize(
    ("images", "lost", "gained", "limit", "within", "most"),
    [
        (900, 200, 20, 0.5, False, 150),
        (900, 40, 40, 2.0, True, 750),
        (9000, 90, 80, 1.0, True, 3000),
    ],
)
def test_a_clear_question_takes_part_of_the_images(
    images: int, lost: int, gained: int, limit: float, within: bool, most: int
) -> None:
    found = [verdict(drawn(images, lost, gained, seed), limit) for seed in range(20)]
    assert {answer for answer, _ in found} == {within}
    assert np.mean([used for _, used in found]) < most


def test_what_cannot_change_any_more_is_decided() -> None:
    """Ten images are left and the limit is eleven away."""
    changes = np.concatenate([np.ones(90, int), np.zeros(10, int)])
    assert verdict(changes, 79.0, batch=1)[1] < 90
    test = DropTest(100, 50.0, error_rate=1e-300)
    assert test.add(np.zeros(50, int)) is None
    assert test.add(np.zeros(2, int)) is True


def test_batches_do_not_matter() -> None:
    changes = drawn(900, 60, 20, 4)
    one = DropTest(900, 0.5)
    found = [one.add(changes[at : at + 1]) for at in range(900)]
    first = next(at for at, answer in enumerate(found) if answer is not None) + 1
    for batch in (7, 900):
        answer, used = verdict(changes, 0.5, batch)
        assert answer == found[first - 1]
        assert used == min(-(-first // batch) * batch, 900)


@pytest.mark.slow
def test_the_interval_holds_whenever_one_looks() -> None:
    """Over 120 orders, at four times: 95 % hold the truth at all times at once."""
    truth, missed = 100 * (45 - 20) / 600, 0
    for seed in range(120):
        changes = drawn(600, 45, 20, seed)
        ends = [interval(changes[:seen], 600) for seen in (30, 90, 270, 500)]
        missed += any(not low <= truth <= high for low, high in ends)
    assert missed <= 0.05 * 120 + 3 * np.sqrt(120 * 0.05 * 0.95)


def test_the_interval_closes_in_on_the_drop_of_all_images() -> None:
    changes = drawn(600, 45, 20, 1)
    low, high = interval(changes, 600)
    assert low <= 100 * 25 / 600 <= high
    assert high - low < 0.4
    assert interval(changes[:0], 600) == (-100, 100)
    before = interval(changes[:100], 600)
    assert before[1] - before[0] > 3


@pytest.mark.parametrize(
    ("lost", "gained", "limit", "within"), [(40, 40, 5.0, True), (200, 20, 0.5, False)]
)
def test_the_bound_that_decides_is_nearer_than_the_interval(
    lost: int, gained: int, limit: float, within: bool
) -> None:
    """It passes the limit with the image that decides, and not before."""
    changes = drawn(900, lost, gained, 2)
    found, used = verdict(changes, limit, batch=1)
    assert found is within
    side = 1 if within else -1
    before, decided = (side * bound(changes[:n], 900, within=within) for n in (used - 1, used))
    assert decided <= side * limit + 1e-5 < before + 1e-5
    ends = interval(changes[:used], 900)
    assert decided < side * ends[1 if within else 0]
    assert side * limit < side * ends[1 if within else 0]  # what looks like a contradiction
