"""Whether the images reach the model as they did in training: the commonest disaster if not.

Two kinds of evidence. A model's first batch norms remember the mean and variance they saw in
training: images prepared in the same way have them too. Where batch norms are folded, or fit with
nothing, the labelled images speak: another preprocessing that makes the model clearly less wrong
is probably the right one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Preprocessing
from edgekit.data import NAMED, apply, describe
from edgekit.errors import DataError
from edgekit.frontends import FloatModel, KerasModel
from edgekit.frontends.float_model import Floats
from edgekit.quantize.scores import Doubles, cross_entropy

Predict = Callable[[Floats], Floats]
"""Gives scores [n, classes] for preprocessed images [n, h, w, c] float32."""

_BATCH_NORMS = 3
_TRIAL_IMAGES = 24
_SCREENED = 8  # that find the most likely rival
_GLANCED = 4  # of them, that leave two rivals
_STATISTICS_IMAGES = 16

# Measured on five trained models: right 0.06 to 0.15, wrong 0.43 to 2.7 and far more.
_FITS = 0.35
_MUCH_FARTHER = 0.25

_MUCH_WORSE = 0.3  # nats of cross-entropy
_STANDARD_ERRORS = 2.5
_FEWEST_LABELS = 8  # of fewer, chance says more than the scale


def require_contrast(name: str, images: npt.NDArray[Any]) -> None:
    """Raises `DataError` when every value of the images is the same: they show no range."""
    first = images.reshape(-1)[:1]
    if all((image == first).all() for image in images):
        raise DataError(
            f"{name}: all {len(images)} calibration images hold nothing but {first[0]}",
            hint="Give images as the model will see them: they set its ranges.",
        )


def misfit(
    model: FloatModel,
    images: npt.NDArray[Any],
    labels: npt.NDArray[np.int64],
    preprocessing: Preprocessing,
    predict: Predict | None = None,
) -> str | None:
    """A warning when another named preprocessing suits the model much better, else None.

    `images` [n, h, w, c] are stored pixels, `labels` [n] their classes; a few dozen do. `predict`
    answers for the model where something does so faster.
    """
    rivals = list(_rivals(preprocessing, images))
    by_statistics = None
    if isinstance(model, KerasModel):
        few = images[:_STATISTICS_IMAGES]
        here = _distance(model, apply(preprocessing, few))
        if here is not None and here < _FITS:
            return None
        by_statistics = _by_statistics(model, few, preprocessing, rivals, here)
    return by_statistics or _by_labels(
        predict or model.predict, images, labels, preprocessing, rivals
    )


def _rivals(preprocessing: Preprocessing, images: npt.NDArray[Any]) -> Iterator[Preprocessing]:
    """The named preprocessings that differ from this one, and from one another, by 15 % or more."""
    seen = [apply(preprocessing, images[:1])]
    for rival in NAMED.values():
        try:
            result = apply(rival, images[:1])
        except DataError:  # for another number of channels
            continue
        if all(np.abs(result - other).mean() > 0.15 * np.abs(other).mean() for other in seen):
            seen.append(result)
            yield rival


def _by_statistics(
    model: KerasModel,
    images: npt.NDArray[Any],
    given: Preprocessing,
    rivals: list[Preprocessing],
    here: float | None,
) -> str | None:
    if here is None:
        return None
    measured = [(_distance(model, apply(rival, images)), rival) for rival in rivals]
    distances = [(there, rival) for there, rival in measured if there is not None]
    there, best = min(distances, key=lambda found: found[0], default=(math.inf, given))
    if there > _FITS or here < there + _MUCH_FARTHER:
        return None
    return (
        f"the images seem wrongly scaled for this model: {describe(best)} fits it, "
        f"{describe(given)} does not. With {best.name} the first batch norms see what they saw in "
        f"training to within {there:.2f} standard deviations, with {given.name} {here:.2f}. "
        f"Try --preprocess {best.name}."
    )


def _distance(model: KerasModel, x: Floats) -> float | None:
    """How far the first batch norms' inputs are from those of training, in standard deviations.

    Per batch norm, the median over channels of the shift of the mean and of the log of the
    spread's ratio; None when there is no batch norm, or nothing finite to compare.
    """
    found = []
    for values, mean, variance in model.batch_norm_inputs(x, _BATCH_NORMS):
        flat = values.reshape(-1, values.shape[-1])
        spread = np.sqrt(variance + 1e-3)
        shift = np.abs(flat.mean(axis=0) - mean) / spread
        stretch = np.abs(np.log(np.sqrt(flat.var(axis=0) + 1e-3) / spread))
        found.append(float(np.median(shift) + np.median(stretch)))
    return float(np.mean(found)) if found and np.isfinite(found).all() else None


def _by_labels(
    predict: Predict,
    images: npt.NDArray[Any],
    labels: npt.NDArray[np.int64],
    given: Preprocessing,
    rivals: list[Preprocessing],
) -> str | None:
    images, labels = images[:_TRIAL_IMAGES], labels[:_TRIAL_IMAGES]
    if len(labels) < _FEWEST_LABELS or len(np.unique(labels)) == 1 or not rivals:
        return None

    def asked(how: Preprocessing, count: int) -> tuple[Doubles, float]:
        """Cross-entropy [n], and the share of images whose largest score is their label's."""
        scores, right = predict(apply(how, images[:count])), labels[:count]
        return cross_entropy(scores, right), float((scores.argmax(axis=1) == right).mean())

    here, here_top1 = asked(given, len(labels))
    if here.mean() < _MUCH_WORSE:  # nothing can be that much better
        return None

    def loss(rival: Preprocessing, count: int) -> float:
        return float(asked(rival, count)[0].mean())

    likeliest = sorted(rivals, key=lambda rival: loss(rival, _GLANCED))[:2]
    least, best = min(
        ((loss(rival, _SCREENED), rival) for rival in likeliest), key=lambda found: found[0]
    )
    if least >= here[:_SCREENED].mean():
        return None
    there, there_top1 = asked(best, len(labels))
    gain = here - there
    error = gain.std() / np.sqrt(len(gain)) + 1e-9
    if gain.mean() < _MUCH_WORSE or gain.mean() < _STANDARD_ERRORS * error:
        return None
    if there_top1 <= here_top1:  # wrong in another way: the labels are not this model's
        return None
    return (
        f"the images seem wrongly scaled for this model: {describe(best)} fits it better than "
        f"{describe(given)}. Of {len(labels)} labelled images it gets {there_top1:.0%} right "
        f"with {best.name}, {here_top1:.0%} with {given.name} "
        f"(cross-entropy {there.mean():.2f} and {here.mean():.2f}). Try --preprocess {best.name}."
    )
