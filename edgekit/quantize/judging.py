"""What a model loses against another on a few images: accuracy, agreement and expected drop.

Of a few hundred images, the accuracies of two models tell a drop of a point from none no better
than a coin. What the float model thinks of the other's answers tells far more: it gives its own
answer the probability p and the other answer, where that differs, a lower one. If its
probabilities are right, the difference is the chance that a right answer became a wrong one, and
its mean over the images the drop to expect. A near tie lost weighs little, a sure answer lost much.

Which of two repairs is better, that does not tell on 200 images either: few answers change. But all
probabilities move, and the less they do, the better. How far they move is known to a tenth
of itself, where the expected drop is known to a third or a half.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.quantize.running import scorer
from edgekit.quantize.scores import Doubles, are_probabilities, softmax

_SURE = 2.0
"""Standard errors of an upper bound: 98 % of cases lie below it."""
_CLEARLY = 3.0
"""Standard errors by which labels or expectation overrule how far probabilities moved: of several
repairs that are compared, one of no worth lies two apart too often."""
_ALIKE = 0.97
"""The agreement below which answers differ too often to leave it at that."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """One model against the float model, image by image [n].

    `losses` are 1 where only the float model is right, -1 where only this one is, else 0;
    `regrets` are what the float model's probabilities say of answers other than its own, from 0
    to 1; `moved` is how much probability went to other classes, from 0 to 1; `differs` is whether
    the answers differ.
    """

    losses: Doubles
    regrets: Doubles
    moved: Doubles
    differs: npt.NDArray[np.bool_]

    @property
    def drop(self) -> tuple[float, float]:
        """Accuracy lost, and its standard error, in points."""
        return _points(self.losses)

    @property
    def expected_drop(self) -> tuple[float, float]:
        """The drop that the float model's probabilities let expect, and its standard error."""
        return _points(self.regrets)

    @property
    def agreement(self) -> float:
        """The share of images with the float model's answer."""
        return float(1 - self.differs.mean())

    def within(self, points: float) -> bool:
        """Whether answers are mostly float's, and a drop of more is unlikely.

        By what is expected, that is; labels must not gainsay.
        """
        expected, uncertain = self.expected_drop
        drop, error = self.drop
        enough = expected + _SURE * uncertain <= points and drop - error <= points
        return enough and self.agreement >= _ALIKE

    @property
    def lost(self) -> float:
        """The drop in points, by whatever speaks for the larger one: what is expected, or what is
        counted less two standard errors."""
        drop, error = self.drop
        return max(self.expected_drop[0], drop - _SURE * error)

    def beyond(self, points: float) -> bool:
        """Whether a drop of more is likelier than not: reason to look further."""
        return self.lost > points

    def better_than(self, other: Verdict) -> bool:
        """Whether probabilities moved less than there; neither drop must clearly gainsay."""
        return bool(self.moved.mean() < other.moved.mean()) and not (
            _clearly_more(self.regrets, other.regrets) or _clearly_more(self.losses, other.losses)
        )


class Judge:
    """Images with labels, and what the float `.tflite` `reference` answers to them."""

    def __init__(
        self, name: str, reference: bytes, images: Iterable[Floats], labels: npt.NDArray[np.int64]
    ) -> None:
        self._name, self._images, self._labels = name, images, labels
        scores = self._scores(reference)
        self._answers = scores.argmax(axis=1)
        self._normalized = are_probabilities(scores)
        self._probabilities = self._probabilities_of(scores)

    def __call__(self, model: bytes) -> Verdict:
        """What a float or int8 `.tflite` loses."""
        scores = self._scores(model)
        answers = scores.argmax(axis=1)
        every = np.arange(len(answers))
        found = self._probabilities[every, self._answers] - self._probabilities[every, answers]
        right = (self._answers == self._labels).astype(np.float64)
        moved = np.abs(self._probabilities_of(scores) - self._probabilities).sum(axis=1) / 2
        return Verdict(right - (answers == self._labels), found, moved, answers != self._answers)

    @property
    def accuracy(self) -> float:
        """The share of the images that the float model gets right."""
        return float((self._answers == self._labels).mean())

    def _scores(self, model: bytes) -> Floats:
        return scorer(model, self._name)(self._images)

    def _probabilities_of(self, scores: Floats) -> Doubles:
        """Those of an int8 model are rounded to 1/256 each: what they are, float tells."""
        return scores.astype(np.float64) if self._normalized else softmax(scores)


def _points(values: Doubles) -> tuple[float, float]:
    """The mean and its standard error, times 100."""
    error = values.std() / np.sqrt(len(values))
    return 100 * float(values.mean()), 100 * float(error)


def _clearly_more(values: Doubles, others: Doubles) -> bool:
    more, error = _points(values - others)
    return more > _CLEARLY * error
