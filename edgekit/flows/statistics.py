"""What accuracy is, and how sure a difference of two accuracies on the same images is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Accuracy

Scores = npt.NDArray[Any]
Labels = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]

_Z95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


def ranks(scores: Scores, labels: Labels) -> npt.NDArray[np.int64]:
    """The place of each image's label among its scores, 0 first; `scores` is [n, classes].

    Of equal scores the lower class index ranks first, as `argmax` has it. int8 scores tie often,
    so this rule is part of the result.
    """
    own = np.take_along_axis(scores, labels[:, None].astype(np.int64), axis=1)
    above = scores > own
    tied_before = (scores == own) & (np.arange(scores.shape[1]) < labels[:, None])
    return np.asarray((above | tied_before).sum(axis=1), dtype=np.int64)


def accuracy(scores: Scores, labels: Labels) -> Accuracy:
    """Top-1 and, above five classes, top-5."""
    places = ranks(scores, labels)
    top5 = float((places < 5).mean()) if scores.shape[1] > 5 else None
    return Accuracy(top1=float((places == 0).mean()), top5=top5)


def correct(scores: Scores, labels: Labels) -> Flags:
    """Which images have their label first."""
    return np.asarray(ranks(scores, labels) == 0)


def agreement(a: Scores, b: Scores) -> float:
    """The share of images on which two models say the same class."""
    return float((a.argmax(axis=1) == b.argmax(axis=1)).mean())


def confusion(scores: Scores, labels: Labels) -> tuple[tuple[int, ...], ...]:
    """Counts [label][prediction]."""
    classes = scores.shape[1]
    pairs = labels.astype(np.int64) * classes + scores.argmax(axis=1)
    counts = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    return tuple(tuple(int(count) for count in row) for row in counts)


@dataclass(frozen=True, slots=True)
class Drop:
    """Points of top-1 that the second model loses against the first, with its 95 % interval."""

    points: float
    low: float
    high: float


def drop(before: Flags, after: Flags) -> Drop:
    """The drop from `before` to `after`, which say of the same images whether each was right.

    The interval is Agresti and Min's adjusted Wald interval for matched pairs: half an image is
    added to each of the four cells (right/right, right/wrong, …), then the normal interval of the
    difference is taken. Unlike a bootstrap it does not shrink to nothing when no image changed,
    and it needs no seed. Source: A. Agresti, Y. Min, "Simple improved confidence intervals for
    comparing matched proportions", Statistics in Medicine 24 (2005) 729-740.
    """
    lost = int((before & ~after).sum())
    gained = int((~before & after).sum())
    images = len(before)
    more = images + 2
    middle = (lost - gained) / more
    spread = math.sqrt((lost + gained + 1) - (lost - gained) ** 2 / more) / more
    return Drop(
        points=100 * (lost - gained) / images,
        low=100 * max(-1.0, middle - _Z95 * spread),
        high=100 * min(1.0, middle + _Z95 * spread),
    )
