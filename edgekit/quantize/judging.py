"""What a model loses against another on a few images: accuracy, agreement and expected drop.

Of a few hundred images, the accuracies of two models tell a drop of a point from none no better
than a coin. What the float model thinks of the other's answers tells far more: it gives its own
answer the probability p and the other answer, where that differs, a lower one. If its
probabilities are right, the difference is the chance that a right answer became a wrong one, and
its mean over the images the drop to expect. A near tie lost weighs little, a sure answer lost much.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.quantize.observing import observe
from edgekit.tflite.editing import Editor

_SUMS_TO_ONE = 0.01
_SURE = 2.0
"""Standard errors of an upper bound: 98 % of cases lie below it."""

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """One model against the float model, image by image [n].

    `losses` are 1 where only the float model is right, -1 where only this one is, else 0;
    `regrets` are what the float model's probabilities say of answers other than its own, from 0
    to 1; `differs` is whether the answers differ.
    """

    losses: Doubles
    regrets: Doubles
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
        """Whether a drop of more is unlikely: by what is expected, and labels do not gainsay."""
        expected, uncertain = self.expected_drop
        drop, error = self.drop
        return expected + _SURE * uncertain <= points and drop - error <= points

    def better_than(self, other: Verdict) -> bool:
        """Whether less is lost than there: expected, and labels do not clearly gainsay."""
        more, error = _points(self.losses - other.losses)
        return bool(self.regrets.mean() < other.regrets.mean()) and more <= error


class Judge:
    """Images with labels, and what the float `.tflite` `reference` answers to them."""

    def __init__(
        self, name: str, reference: bytes, images: Iterable[Floats], labels: npt.NDArray[np.int64]
    ) -> None:
        self._name, self._images, self._labels = name, images, labels
        scores = self._scores(reference)
        self._answers = scores.argmax(axis=1)
        self._probabilities = probabilities(scores)

    def __call__(self, model: bytes) -> Verdict:
        """What a float or int8 `.tflite` loses."""
        answers = self._scores(model).argmax(axis=1)
        every = np.arange(len(answers))
        found = self._probabilities[every, self._answers] - self._probabilities[every, answers]
        right = (self._answers == self._labels).astype(np.float64)
        return Verdict(right - (answers == self._labels), found, answers != self._answers)

    @property
    def accuracy(self) -> float:
        """The share of the images that the float model gets right."""
        return float((self._answers == self._labels).mean())

    def _scores(self, model: bytes) -> Floats:
        editor = Editor(model, self._name)
        (output,) = (editor.tensor_name(tensor) for tensor in editor.outputs)
        seen = observe(model, self._images, [output], name=self._name)
        return np.stack([values[output].ravel() for values in seen])


def probabilities(scores: Floats) -> Doubles:
    """The probabilities [n, classes] that scores are, or their softmax where they are logits."""
    found = scores.astype(np.float64)
    if found.min() >= 0 and np.abs(found.sum(axis=1) - 1).max() < _SUMS_TO_ONE:
        return found
    found = np.exp(found - found.max(axis=1, keepdims=True))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _points(values: Doubles) -> tuple[float, float]:
    """The mean and its standard error, times 100."""
    error = values.std() / np.sqrt(len(values))
    return 100 * float(values.mean()), 100 * float(error)
