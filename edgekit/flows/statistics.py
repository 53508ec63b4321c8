"""What accuracy is, and how sure a difference of two accuracies on the same images is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgekit.artifacts import Accuracy, ClassAccuracy, McNemar, Ties
from edgekit.flows.verdicts import TIE_RULE, Flags, Labels, Verdicts

_Z95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""
_RESAMPLES = 10_000
TOP5_FROM = 6
"""With so many classes or more a top-5 says something."""


def accuracy(found: Verdicts, classes: int) -> Accuracy:
    """Top-1 and, above five classes, top-5."""
    top5 = float((found.ranks < 5).mean()) if classes >= TOP5_FROM else None
    return Accuracy(top1=float(found.correct.mean()), top5=top5)


def agreement(a: Verdicts, b: Verdicts) -> float:
    """The share of images on which two models say the same class."""
    return float((a.predictions == b.predictions).mean())


def confusion(found: Verdicts, labels: Labels, classes: int) -> tuple[tuple[int, ...], ...]:
    """Counts [label][prediction]."""
    pairs = labels.astype(np.int64) * classes + found.predictions
    counts = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    return tuple(tuple(int(count) for count in row) for row in counts)


def confused_pairs(found: Verdicts, labels: Labels) -> list[tuple[int, int, int]]:
    """(label, prediction, images) of every mistake that occurs, the most frequent first."""
    wrong = found.predictions != labels
    pairs = np.stack([labels[wrong], found.predictions[wrong]], axis=1).astype(np.int64)
    kinds, counts = np.unique(pairs, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [(int(kinds[at, 0]), int(kinds[at, 1]), int(counts[at])) for at in order]


def per_class(before: Verdicts, after: Verdicts, labels: Labels) -> tuple[ClassAccuracy, ...]:
    """How each class that has images fares in both models."""
    same = before.predictions == after.predictions
    found = []
    for label in np.unique(labels):
        own = labels == label
        found.append(
            ClassAccuracy(
                label=int(label),
                images=int(own.sum()),
                float_top1=float(before.correct[own].mean()),
                int8_top1=float(after.correct[own].mean()),
                agreement=float(same[own].mean()),
            )
        )
    return tuple(found)


def ties(floats: Verdicts, ints: Verdicts) -> Ties:
    """How often the tie rule decided, and what top-1 were had int8's ties gone one way or other."""
    return Ties(
        rule=TIE_RULE,
        float_images=int(floats.tied.sum()),
        int8_images=int(ints.tied.sum()),
        int8_top1_lowest=float((ints.correct & ~ints.tied).mean()),
        int8_top1_highest=float((ints.correct | ints.contested).mean()),
    )


@dataclass(frozen=True, slots=True)
class Drop:
    """Points that the second model loses against the first, with a 95 % interval."""

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
    lost, gained = _changed(before, after)
    images = len(before)
    more = images + 2
    middle = (lost - gained) / more
    spread = math.sqrt((lost + gained + 1) - (lost - gained) ** 2 / more) / more
    return Drop(
        points=100 * (lost - gained) / images,
        low=100 * max(-1.0, middle - _Z95 * spread),
        high=100 * min(1.0, middle + _Z95 * spread),
    )


def bootstrap(before: Flags, after: Flags, *, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of the same drop, in points, by resampling images: the percentiles of
    10 000 paired bootstrap samples.

    Only how many images were lost and gained matters, so a sample of images is a draw of those
    two counts. Source: B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), 13.3.
    """
    lost, gained = _changed(before, after)
    images = len(before)
    shares = np.array([lost, gained, images - lost - gained]) / images
    drawn = np.random.default_rng(seed).multinomial(images, shares, size=_RESAMPLES)
    low, high = np.percentile(drawn[:, 0] - drawn[:, 1], [2.5, 97.5])
    return 100 * float(low) / images, 100 * float(high) / images


def mcnemar(before: Flags, after: Flags) -> McNemar:
    """The exact two-sided test that a changed image is lost as often as gained.

    Under it the lost among the changed are binomial with 1/2. Source: Q. McNemar, Psychometrika
    12 (1947) 153-157, without its normal approximation.
    """
    lost, gained = _changed(before, after)
    changed, fewer = lost + gained, min(lost, gained)
    logs = [
        math.lgamma(changed + 1) - math.lgamma(k + 1) - math.lgamma(changed - k + 1)
        for k in range(fewer + 1)
    ]
    tail = math.fsum(math.exp(value - changed * math.log(2)) for value in logs)
    return McNemar(lost=lost, gained=gained, p_value=min(1.0, 2 * tail))


def _changed(before: Flags, after: Flags) -> tuple[int, int]:
    """How many images the second model loses, and how many it gains."""
    return int((before & ~after).sum()), int((~before & after).sum())
