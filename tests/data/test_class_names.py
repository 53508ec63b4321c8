from __future__ import annotations

import numpy as np
import pytest

from edgekit.data.class_names import named, renumbered
from edgekit.data.dataset import Dataset, make_dataset
from edgekit.errors import DataError

ANIMALS = ("cat", "dog", "fox")


def dataset(labels: list[int], classes: tuple[str, ...] | None) -> Dataset:
    images = np.zeros((len(labels), 2, 2, 3), np.uint8)
    return make_dataset("photos", images, np.array(labels), classes)


def test_without_a_class_the_others_keep_their_numbers() -> None:
    found = renumbered(dataset([0, 1, 1], ("dog", "fox")), ANIMALS)
    assert found.labels.tolist() == [1, 2, 2]
    assert found.classes == ANIMALS


def test_names_in_another_order_are_found() -> None:
    assert renumbered(dataset([0, 1, 2], ANIMALS[::-1]), ANIMALS).labels.tolist() == [2, 1, 0]


def test_a_class_that_the_model_does_not_know_is_named() -> None:
    with pytest.raises(DataError, match=r"does not know: wolf\. Its own are cat, dog, fox"):
        renumbered(dataset([0, 1], ("fox", "wolf")), ANIMALS)


@pytest.mark.parametrize("classes", [None, ANIMALS])
def test_data_stay_as_they_are_where_there_is_nothing_to_find(
    classes: tuple[str, ...] | None,
) -> None:
    given = dataset([0, 1, 2], classes)
    assert renumbered(given, ANIMALS) is given
    assert renumbered(given, ()) is given
    assert renumbered(given, ("0", "1", "2")) is given


def test_numbers_are_no_names() -> None:
    assert named(("0", "1")) == ()
    assert named(("1", "0")) == ("1", "0")
