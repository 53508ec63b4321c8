from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.flows import statistics


def test_ties_go_to_the_lower_index() -> None:
    scores = np.array([[5, 5, 1], [5, 5, 1], [1, 5, 5]], np.int8)
    assert statistics.ranks(scores, np.array([0, 1, 2])).tolist() == [0, 1, 1]


def test_top1_is_what_argmax_says() -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(-3, 3, (500, 7)).astype(np.int8)
    labels = rng.integers(0, 7, 500)
    expected = (scores.argmax(axis=1) == labels).mean()
    assert statistics.accuracy(scores, labels).top1 == pytest.approx(expected)


def test_top5_counts_the_fifth_and_not_the_sixth() -> None:
    scores = np.array([[6, 5, 4, 3, 2, 1]] * 2, np.float32)
    found = statistics.accuracy(scores, np.array([4, 5]))
    assert found.top5 == 0.5
    assert found.top1 == 0.0


def test_five_classes_have_no_top5() -> None:
    assert statistics.accuracy(np.eye(5), np.arange(5)).top5 is None


def test_extreme_int8_scores_do_not_wrap() -> None:
    scores = np.array([[-128, 127]], np.int8)
    assert statistics.accuracy(scores, np.array([1])).top1 == 1.0


def test_confusion_is_label_by_prediction() -> None:
    scores = np.array([[1, 0, 0], [0, 0, 1], [0, 0, 1]])
    found = statistics.confusion(scores, np.array([0, 1, 2]))
    assert found == ((1, 0, 0), (0, 0, 1), (0, 0, 1))


def pairs(both: int, lost: int, gained: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    before = np.repeat([True, True, False, False], [both, lost, gained, neither])
    after = np.repeat([True, False, True, False], [both, lost, gained, neither])
    return before, after


def test_drop_interval_equals_the_published_example() -> None:
    """Approval ratings from Agresti's textbook (794, 150, 86, 570): the plain normal interval is
    4.00 ± 1.96 · 0.955 points, and half an image per cell moves 1600 images by little."""
    found = statistics.drop(*pairs(794, 150, 86, 570))
    assert found.points == pytest.approx(4.0)
    assert found.low == pytest.approx(2.1, abs=0.06)
    assert found.high == pytest.approx(5.9, abs=0.06)


def test_no_change_still_leaves_doubt() -> None:
    found = statistics.drop(*pairs(90, 0, 0, 10))
    assert found.points == 0
    assert found.low == -found.high
    assert 1.5 < found.high < 2.5


@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_drop_lies_in_its_interval_and_turns_round(cells: tuple[int, int, int, int]) -> None:
    both, lost, gained, neither = cells
    one = statistics.drop(*pairs(both, lost, gained, neither))
    other = statistics.drop(*pairs(both, gained, lost, neither))
    assert one.low <= one.points <= one.high
    assert (one.points, one.low, one.high) == pytest.approx(
        (-other.points, -other.high, -other.low)
    )


def test_interval_covers_the_truth_95_times_in_100() -> None:
    """Drawn from known cell probabilities; coverage of 4 000 intervals is 95 % give or take 1.5."""
    rng = np.random.default_rng(0)
    cells = np.array([0.80, 0.07, 0.04, 0.09])
    truth = 100 * (cells[1] - cells[2])
    hits = 0
    for draw in rng.multinomial(150, cells, size=4000):
        found = statistics.drop(*pairs(*draw))
        hits += found.low <= truth <= found.high
    assert 0.935 < hits / 4000 < 0.975
