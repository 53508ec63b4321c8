"""Labels by the names of their classes: folders are sorted anew when one of them is missing."""

from __future__ import annotations

import numpy as np

from edgekit.data.dataset import Dataset, listed, make_dataset
from edgekit.errors import DataError


def named(classes: tuple[str, ...]) -> tuple[str, ...]:
    """The same classes, or none where they are only called by their numbers."""
    return () if classes == tuple(map(str, range(len(classes)))) else classes


def renumbered(dataset: Dataset, known: tuple[str, ...]) -> Dataset:
    """The same images with labels into `known`, the classes of a model, found by their names.

    Data are as they were where either side has numbers for names. Raises `DataError` for a class
    that the model does not know.
    """
    if not (named(known) and named(dataset.classes)) or dataset.classes == known:
        return dataset
    strange = sorted(set(dataset.classes) - set(known))
    if strange:
        raise DataError(
            f"{dataset.name} has {'classes' if len(strange) > 1 else 'a class'} that the model "
            f"does not know: {listed(strange)}. Its own are {listed(known)}",
            hint="Call each class as when the model was made, and leave out those it never saw.",
        )
    places = np.array([known.index(name) for name in dataset.classes])
    return make_dataset(dataset.name, dataset.images, places[dataset.labels], known)
