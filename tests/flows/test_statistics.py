from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.flows import statistics
from edgekit.flows.verdicts import judged


def test_top1_is_what_argmax_says() -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(-3, 3, (500, 7)).astype(np.int8)
    labels = rng.integers(0, 7, 500)
    expected = (scores.argmax(axis=1) == labels).mean()
    assert statistics.accuracy(judged(scores, labels), 7).top1 == pytest.approx(expected)


def test_top5_counts_the_fifth_and_not_the_sixth() -> None:
    scores = np.array([[6, 5, 4, 3, 2, 1]] * 2, np.float32)
    found = statistics.accuracy(judged(scores, np.array([4, 5])), 6)
    assert found.top5 == 0.5
    assert found.top1 == 0.0


def test_five_classes_have_no_top5() -> None:
    assert statistics.accuracy(judged(np.eye(5), np.arange(5)), 5).top5 is None


def test_extreme_int8_scores_do_not_wrap() -> None:
    scores = np.array([[-128, 127]], np.int8)
    assert statistics.accuracy(judged(scores, np.array([1])), 2).top1 == 1.0


def test_confusion_is_label_by_prediction() -> None:
    scores = np.array([[1, 0, 0], [0, 0, 1], [0, 0, 1]])
    labels = np.array([0, 1, 2])
    found = statistics.confusion(judged(scores, labels), labels, 3)
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


def test_a_bootstrap_of_many_images_says_nearly_what_agresti_and_min_say() -> None:
    before, after = pairs(7940, 1500, 860, 5700)
    found, low_high = statistics.drop(before, after), statistics.bootstrap(before, after)
    assert low_high == pytest.approx((found.low, found.high), abs=0.05)
    assert statistics.bootstrap(before, after) == low_high  # the same each time


def test_a_bootstrap_sees_no_doubt_where_no_image_changed() -> None:
    """Why it is not the interval that decides."""
    assert statistics.bootstrap(*pairs(90, 0, 0, 10)) == (0, 0)


@pytest.mark.parametrize(
    ("lost", "gained", "p"),
    [
        (0, 0, 1.0),
        (3, 3, 1.0),
        (5, 0, 0.0625),
        (0, 5, 0.0625),
        (1, 9, 22 / 1024),
        (150, 86, 3.7e-5),
    ],
)
def test_mcnemar_is_the_sign_test_of_the_changed(lost: int, gained: int, p: float) -> None:
    """10 of 10 sides by hand; the last one's figure is R's binom.test(86, 236)."""
    found = statistics.mcnemar(*pairs(500, lost, gained, 20))
    assert (found.lost, found.gained) == (lost, gained)
    assert found.p_value == pytest.approx(p, rel=0.05)


def test_ties_say_what_the_rule_was_worth() -> None:
    scores = np.array([[5, 5, 1], [5, 5, 1], [1, 5, 5], [9, 1, 1], [7, 7, 0]], np.int8)
    labels = np.array([0, 1, 0, 0, 2])
    found = statistics.ties(judged(scores + 0.5, labels), judged(scores, labels))
    assert found.int8_images == found.float_images == 4
    assert found.int8_top1_lowest == 1 / 5
    assert found.int8_top1_highest == 3 / 5
    assert statistics.accuracy(judged(scores, labels), 3).top1 == 2 / 5


def test_each_class_is_judged_by_its_own_images() -> None:
    labels = np.array([0, 0, 0, 2])
    floats = judged(np.eye(3)[[0, 0, 1, 2]], labels)
    ints = judged(np.eye(3)[[0, 1, 1, 2]], labels)
    first, last = statistics.per_class(floats, ints, labels)
    assert (first.label, first.images, last.label, last.images) == (0, 3, 2, 1)
    assert first.float_top1 == pytest.approx(2 / 3)
    assert first.int8_top1 == pytest.approx(1 / 3)
    assert first.agreement == pytest.approx(2 / 3)


def test_confused_pairs_are_the_mistakes_most_frequent_first() -> None:
    labels = np.array([0, 0, 1, 1, 1, 2])
    found = judged(np.eye(3)[[1, 0, 2, 2, 0, 2]], labels)
    assert statistics.confused_pairs(found, labels) == [(1, 2, 2), (0, 1, 1), (1, 0, 1)]
    assert statistics.confused_pairs(judged(np.eye(2), np.arange(2)), np.arange(2)) == []
