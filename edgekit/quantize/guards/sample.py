"""What guards look at: the calibration images, and what the float model says to the first few."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Preprocessing
from edgekit.data import apply
from edgekit.frontends import FloatModel
from edgekit.frontends.float_model import Floats
from edgekit.quantize.input_fit import Predict
from edgekit.quantize.scores import cross_entropy, probabilities

_ASKED = 32


@dataclass(frozen=True, eq=False)
class Sample:
    """Stored images [n, h, w, c] with their labels [n], and the model and preprocessing for them.

    `name` is the data set's. `predict` answers for the model where something does so faster.
    """

    name: str
    images: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]
    model: FloatModel
    preprocessing: Preprocessing
    predict: Predict | None = None

    @cached_property
    def asked(self) -> Sample:
        """A few, on which the model is asked: that takes time."""
        return self.few(_ASKED)

    def few(self, most: int) -> Sample:
        """At most so many, evenly spread: data sets tend to be sorted by class."""
        if len(self.labels) <= most:
            return self
        places = np.linspace(0, len(self.labels) - 1, most).astype(np.int64)
        return replace(self, images=self.images[places], labels=self.labels[places])

    @cached_property
    def scores(self) -> Floats:
        """What the model says to the images, [n, classes]."""
        predict = self.predict or self.model.predict
        return predict(apply(self.preprocessing, self.images))

    @property
    def said(self) -> npt.NDArray[np.int64]:
        """The class of each image by the model."""
        said: npt.NDArray[np.int64] = self.scores.argmax(axis=1)
        return said

    @property
    def top1(self) -> float:
        """Share of images that the model gets right."""
        return float((self.said == self.labels).mean())

    @property
    def losses(self) -> npt.NDArray[np.float64]:
        """Cross-entropy of each image, at most 10."""
        return cross_entropy(self.scores, self.labels)

    @property
    def confidence(self) -> float:
        """The mean probability of the class that the model says."""
        return float(probabilities(self.scores).max(axis=1).mean())
