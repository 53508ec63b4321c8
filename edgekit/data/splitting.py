"""Calibration and evaluation images, kept apart by a seed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgekit.errors import DataError

_DEFAULT = 100

Indices = npt.NDArray[np.int64]


def default_calibration(n: int) -> int:
    """How many of `n` images calibrate when nobody says: 100, but at most half of them."""
    return min(_DEFAULT, max(1, n // 2))


def split(
    n: int, calibration: int, seed: int, *, labels: npt.NDArray[np.int64] | None = None
) -> tuple[Indices, Indices]:
    """Indices of calibration and evaluation images, each sorted; the same seed, the same split.

    With `labels` [n], calibration takes turns through the classes, so that each is seen.
    Raises `DataError` unless at least one image is left on either side.
    """
    if not 0 < calibration < n:
        raise DataError(
            f"cannot calibrate on {calibration} of {n} images: "
            "at least one has to calibrate and one to be left for evaluation",
            hint=f"Give a --calibration from 1 to {n - 1}, or more images."
            if n > 1
            else "Give more images.",
        )
    shuffled = np.random.default_rng(seed).permutation(n)
    if labels is not None:
        shuffled = _taking_turns(shuffled, labels)
    return np.sort(shuffled[:calibration]), np.sort(shuffled[calibration:])


def _taking_turns(shuffled: Indices, labels: npt.NDArray[np.int64]) -> Indices:
    """The order in which each class has had its k-th image before any has its (k+1)-th."""
    turn = np.empty(len(shuffled), np.int64)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels[shuffled] == label)
        turn[of_class] = np.arange(len(of_class))
    return shuffled[np.argsort(turn, kind="stable")]
