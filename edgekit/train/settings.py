"""How a training is to go; the defaults suit some hundred to some ten thousand small images."""

from __future__ import annotations

import math
from typing import Literal

from edgekit.artifacts import Record
from edgekit.errors import InputError


class Settings(Record, frozen=True):
    """What decides a training besides model and data: equal settings, equal result.

    `shift` and `zoom` are shares of the image, `rotate` is in turns; each is the most that is
    drawn. `fill` is what comes in from outside: the nearest pixel, or black. Without `epochs` there
    are as many as the number of images asks for; without `patience` it is a quarter of them;
    without `learning_rate` it is what suits the model.
    """

    epochs: int | None = None
    batch: int = 32
    learning_rate: float | None = None
    weight_decay: float = 1e-3
    label_smoothing: float = 0.05
    patience: int | None = None
    validation: float = 0.2
    seed: int = 0
    flip: bool = True
    shift: float = 0.1
    rotate: float = 0.0
    zoom: float = 0.0
    fill: Literal["nearest", "black"] = "nearest"

    def __post_init__(self) -> None:
        """Raises `InputError` naming every number that makes no sense."""
        wrong = [
            *(
                f"{name} {getattr(self, name)} is below 1"
                for name in _COUNTS
                if self._below_1(name)
            ),
            *(
                f"{name} {getattr(self, name)} is not in 0 to 1"
                for name in _SHARES
                if self._off(name)
            ),
            *(
                [f"learning_rate {self.learning_rate} is not > 0"]
                if self.learning_rate is not None and not self.learning_rate > 0
                else []
            ),
        ]
        if wrong:
            raise InputError(f"cannot train like this: {'; '.join(wrong)}")

    def epochs_for(self, images: int) -> int:
        """How many epochs at most: without a number, enough for 5000 steps, and 30 to 200."""
        if self.epochs is not None:
            return self.epochs
        return min(200, max(30, math.ceil(_STEPS / math.ceil(images / self.batch))))

    def patience_for(self, images: int) -> int:
        """After how many epochs without gain to stop; at least 10 without a number."""
        return self.patience or max(10, self.epochs_for(images) // 4)

    def learning_rate_for(self, has_batch_norms: bool) -> float:
        """The learning rate at its peak; without batch norms a high one leaves dead ReLUs."""
        return self.learning_rate or (_RATE if has_batch_norms else _RATE_WITHOUT_BATCH_NORMS)

    def _below_1(self, name: str) -> bool:
        value = getattr(self, name)
        return value is not None and value < 1

    def _off(self, name: str) -> bool:
        return not 0 <= getattr(self, name) < 1


_STEPS = 5000
_RATE, _RATE_WITHOUT_BATCH_NORMS = 3e-3, 5e-4
_COUNTS = ("epochs", "batch", "patience")
_SHARES = ("weight_decay", "label_smoothing", "validation", "shift", "rotate", "zoom")
