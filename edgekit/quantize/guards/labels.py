"""Guards against labels that are not the model's classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Finding
from edgekit.quantize.guards.sample import Sample

_FEWEST = 12
_RIGHT = 0.4
"""With labels that fit, the model gets more than this right."""
_BETTER = 0.3
_IMAGES_PER_CLASS = 3


def one_label(sample: Sample) -> Iterator[Finding]:
    """The images are not all of one class, where the model knows several."""
    if len(sample.labels) >= _FEWEST and (sample.labels == sample.labels[0]).all():
        yield doubt(
            "one_label",
            sample,
            f"all {len(sample.labels)} images have label {sample.labels[0]}, "
            f"the model has {sample.model.classes} classes",
            "Give images of all classes: they set the ranges of all layers.",
        )


def shifted_labels(sample: Sample) -> Iterator[Finding]:
    """Labels count from the class that the model counts from.

    Models with a class of background, 1001 of ImageNet, are one off.
    """
    asked = sample.asked
    if len(asked.labels) < _FEWEST or asked.model.classes < 3 or _finds(one_label, sample):
        return
    for shift in (1, -1):
        right = float((asked.said == asked.labels + shift).mean())
        if right > _RIGHT and right > asked.top1 + _BETTER:
            yield doubt(
                "shifted_labels",
                sample,
                f"labels are one too {'low' if shift > 0 else 'high'}: of {len(asked.labels)} "
                f"images the float model gets {asked.top1:.0%} right, and {right:.0%} with "
                f"labels {abs(shift)} {'higher' if shift > 0 else 'lower'}; it has "
                f"{asked.model.classes} classes",
                "Count classes as the model does; the first of 1001 is often 'background'.",
            )
            return


def mixed_labels(sample: Sample) -> Iterator[Finding]:
    """Labels name the classes in the model's order, not in another."""
    asked = sample.asked
    enough = max(_FEWEST, _IMAGES_PER_CLASS * asked.model.classes)
    if len(asked.labels) < enough or _finds(one_label, sample):
        return
    order = _best_order(asked.said, asked.labels, asked.model.classes)
    right = float((order[asked.said] == asked.labels).mean())
    classes = np.unique(asked.said)
    other = len(set(order[classes])) == len(classes)  # each class once, not all the same
    if other and right > 2 * _RIGHT and right > asked.top1 + _BETTER:
        if _finds(shifted_labels, sample):
            return
        turned = ", ".join(f"{n} is {order[n]}" for n in classes[:6] if order[n] != n)
        yield doubt(
            "mixed_labels",
            sample,
            f"the classes seem to be in another order than the model's: of {len(asked.labels)} "
            f"images {asked.top1:.0%} are right, and {right:.0%} if {turned}",
            "A folder's classes are in the order of their names; use the order of training.",
        )


def _finds(guard: Callable[[Sample], Iterator[Finding]], sample: Sample) -> bool:
    return next(guard(sample), None) is not None


def _best_order(
    said: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], classes: int
) -> npt.NDArray[np.int64]:
    """For each class of the model the label that its images mostly have."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (said, labels), 1)
    order: npt.NDArray[np.int64] = counts.argmax(axis=1)
    return order


def doubt(rule: str, sample: Sample, message: str, hint: str) -> Finding:
    """A warning about a data set."""
    return Finding(rule=rule, severity="warning", where=sample.name, message=message, hint=hint)


def wrong_labels(sample: Sample) -> bool:
    """Whether some guard here doubts the labels, so that they prove nothing else."""
    guards = (one_label, shifted_labels, mixed_labels)
    return any(_finds(guard, sample) for guard in guards)
