"""What a model says to each image, in so few numbers that they fit for any amount of images.

Of equal scores the lower class index ranks first, as `argmax` has it, here, on boards and in the
report alike. int8 scores tie often, so this rule is part of the result, and so is how much it
matters: `Verdicts.tied` and `Verdicts.contested`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[Any]
Labels = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]

TIE_RULE = "of equal scores the lower class index ranks first"


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """Of [n] images: the class said, the label's place among the scores (0 first), whether several
    classes share the largest score, and whether the label is one of those."""

    predictions: Numbers
    ranks: Numbers
    tied: Flags
    contested: Flags

    def __len__(self) -> int:
        return len(self.ranks)

    @property
    def correct(self) -> Flags:
        """Which images have their label first."""
        return np.asarray(self.ranks == 0)

    def part(self, places: slice) -> Verdicts:
        """Those of some of the images."""
        return Verdicts(
            self.predictions[places], self.ranks[places], self.tied[places], self.contested[places]
        )

    def packed(self) -> bytes:
        """All of it, 16 bytes an image."""
        columns = (self.predictions, self.ranks, self.tied, self.contested)
        return np.stack(columns, axis=1).astype("<i4").tobytes()

    @staticmethod
    def unpacked(data: bytes) -> Verdicts:
        """What was packed. Raises `ValueError` for bytes that cannot have been."""
        rows = np.frombuffer(data, "<i4").reshape(-1, 4)
        return Verdicts(
            rows[:, 0].astype(np.int32), rows[:, 1].astype(np.int32), rows[:, 2] > 0, rows[:, 3] > 0
        )


def judged(scores: Scores, labels: Labels) -> Verdicts:
    """The verdicts of scores [n, classes] for labels [n]."""
    own = np.take_along_axis(scores, labels[:, None].astype(np.int64), axis=1)
    largest = scores.max(axis=1, keepdims=True)
    tied = (scores == largest).sum(axis=1) > 1
    return Verdicts(
        predictions=scores.argmax(axis=1).astype(np.int32),
        ranks=ranks(scores, labels).astype(np.int32),
        tied=tied,
        contested=tied & (own == largest)[:, 0],
    )


def ranks(scores: Scores, labels: Labels) -> npt.NDArray[np.int64]:
    """The place of each image's label among its scores, 0 first; `scores` is [n, classes]."""
    own = np.take_along_axis(scores, labels[:, None].astype(np.int64), axis=1)
    above = scores > own
    tied_before = (scores == own) & (np.arange(scores.shape[1]) < labels[:, None])
    return np.asarray((above | tied_before).sum(axis=1), dtype=np.int64)


def joined(parts: Sequence[Verdicts]) -> Verdicts:
    """Verdicts one after the other."""
    return Verdicts(
        np.concatenate([part.predictions for part in parts] or [np.empty(0, np.int32)]),
        np.concatenate([part.ranks for part in parts] or [np.empty(0, np.int32)]),
        np.concatenate([part.tied for part in parts] or [np.empty(0, np.bool_)]),
        np.concatenate([part.contested for part in parts] or [np.empty(0, np.bool_)]),
    )
