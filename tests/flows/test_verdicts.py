from __future__ import annotations

import numpy as np
import pytest

from edgekit.flows.verdicts import Verdicts, joined, judged


def test_ties_go_to_the_lower_index() -> None:
    scores = np.array([[5, 5, 1], [5, 5, 1], [1, 5, 5]], np.int8)
    found = judged(scores, np.array([0, 1, 2]))
    assert found.ranks.tolist() == [0, 1, 1]
    assert found.predictions.tolist() == [0, 0, 1]
    assert found.tied.all()
    assert found.contested.all()


def test_a_label_below_the_tied_classes_is_not_contested() -> None:
    found = judged(np.array([[3, 7, 7], [3, 7, 6]], np.int8), np.array([0, 1]))
    assert found.tied.tolist() == [True, False]
    assert not found.contested.any()


def test_ranks_are_places_in_a_stable_sort() -> None:
    rng = np.random.default_rng(2)
    scores = rng.integers(-3, 3, (300, 9)).astype(np.int8)
    labels = rng.integers(0, 9, 300)
    order = np.argsort(-scores.astype(int), axis=1, kind="stable")
    expected = [row.tolist().index(label) for row, label in zip(order, labels, strict=True)]
    assert judged(scores, labels).ranks.tolist() == expected


def test_packed_verdicts_come_back() -> None:
    rng = np.random.default_rng(3)
    found = judged(rng.integers(-2, 2, (50, 4)).astype(np.int8), rng.integers(0, 4, 50))
    again = joined([Verdicts.unpacked(found.part(slice(0, 20)).packed()),
                    Verdicts.unpacked(found.part(slice(20, 50)).packed())])  # fmt: skip
    for name in ("predictions", "ranks", "tied", "contested"):
        assert np.array_equal(getattr(again, name), getattr(found, name)), name
    assert len(Verdicts.unpacked(b"")) == 0


def test_bytes_that_were_cut_off_are_no_verdicts() -> None:
    with pytest.raises(ValueError, match="reshape"):
        Verdicts.unpacked(bytes(20))
