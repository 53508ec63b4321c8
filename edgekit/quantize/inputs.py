"""Images of a data set as a model's inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Preprocessing
from edgekit.data import Dataset, apply
from edgekit.frontends.float_model import Floats

_FLOAT32_BYTES = 4
_MOST_BYTES = 128 << 20  # of images that are kept as floats


class Inputs:
    """Chosen images as model inputs, made when asked for: floats take four times more memory."""

    def __init__(self, dataset: Dataset, chosen: list[int], preprocessing: Preprocessing) -> None:
        self._dataset, self._chosen, self._preprocessing = dataset, chosen, preprocessing

    def __len__(self) -> int:
        return len(self._chosen)

    def __call__(self, start: int, stop: int) -> Floats:
        """Some of the images, [n, h, w, c] float32."""
        return apply(self._preprocessing, self._dataset.images[self._chosen[start:stop]])

    def stored(self, most: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
        """The first few images as they are stored, and their labels."""
        few = self._chosen[:most]
        return self._dataset.images[few], self._dataset.labels[few]

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """One label per image."""
        return self._dataset.labels[self._chosen]

    def __iter__(self) -> Iterator[Floats]:
        for number in range(len(self)):
            yield self(number, number + 1)[0]

    def at_hand(self) -> Iterable[Floats]:
        """The same, made once where floats take little memory: they are gone through often."""
        values = len(self) * int(np.prod(self._dataset.image_shape))
        return list(self) if values * _FLOAT32_BYTES <= _MOST_BYTES else self
