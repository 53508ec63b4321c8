"""Which images int8 gets wrong: classes taken for others, and those that lose most by it."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.artifacts import Validation

_LEAST_OF_A_CLASS = 5
"""Images: a class with fewer says nothing."""


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Images of one class that were taken for another."""

    label: str
    prediction: str
    images: int


@dataclass(frozen=True, slots=True)
class ClassLoss:
    """A class that int8 gets wrong more often than float, by images and in both rates."""

    name: str
    images: int
    lost: int
    float_top1: float
    int8_top1: float


def most_confused(validation: Validation, limit: int = 12) -> tuple[ConfusedPair, ...]:
    """The largest cells off the diagonal."""
    names = validation.classes
    return tuple(
        ConfusedPair(names[pair.label], names[pair.prediction], pair.images)
        for pair in validation.confused[:limit]
    )


def worst_classes(validation: Validation, limit: int = 12) -> tuple[ClassLoss, ...]:
    """The classes that lose most images, those with the largest loss first; one with fewer than
    five images says nothing."""
    losses = [
        ClassLoss(
            validation.classes[found.label],
            found.images,
            round(found.images * (found.float_top1 - found.int8_top1)),
            found.float_top1,
            found.int8_top1,
        )
        for found in validation.per_class
        if found.images >= _LEAST_OF_A_CLASS
    ]
    losses.sort(key=lambda loss: -loss.lost)
    return tuple(loss for loss in losses[:limit] if loss.lost > 0)
