"""Which images are learnt from and which only judge."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgekit.errors import DataError

Indices = npt.NDArray[np.int64]


def split_classes(labels: Indices, share: float, seed: int) -> tuple[Indices, Indices]:
    """Indices of training and validation images, sorted: `share` of each class validates.

    No class loses its last image to validation. Raises `DataError` when no image is left to
    validate although some were asked for.
    """
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    taken = [
        of_class[: min(round(share * len(of_class)), len(of_class) - 1)]
        for of_class in (shuffled[labels[shuffled] == label] for label in np.unique(labels))
    ]
    validation = np.sort(np.concatenate(taken))
    if share and not len(validation):
        raise DataError(
            f"{len(labels)} images are too few to keep {share:.0%} of each class for validation",
            hint="Give more images of each class, or a larger --validation.",
        )
    return np.setdiff1d(np.arange(len(labels)), validation), validation
