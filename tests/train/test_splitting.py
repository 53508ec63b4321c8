from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.errors import DataError
from edgekit.train import split_classes


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=60),
    st.floats(0, 0.99),
    st.integers(0, 2**31),
)
def test_every_image_is_on_one_side_and_every_class_is_learnt(
    labels: list[int], share: float, seed: int
) -> None:
    y = np.array(labels, np.int64)
    try:
        learnt, judged = split_classes(y, share, seed)
    except DataError:
        return
    assert sorted([*learnt, *judged]) == list(range(len(y)))
    assert set(y[learnt]) == set(labels)


def test_each_class_gives_its_share() -> None:
    y = np.repeat([0, 1], [900, 100])
    _, judged = split_classes(y, 0.2, seed=3)
    assert np.bincount(y[judged]).tolist() == [180, 20]


def test_the_seed_decides() -> None:
    y = np.repeat([0, 1], 50)
    first, again, other = (split_classes(y, 0.2, seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_no_validation_is_no_error_unless_it_was_asked_for() -> None:
    y = np.array([0, 1, 2])
    assert len(split_classes(y, 0, 0)[1]) == 0
    with pytest.raises(DataError, match="3 images are too few to keep 20%"):
        split_classes(y, 0.2, 0)
