"""The epochs of a training: learn, judge, keep the best, stop when nothing improves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit import data, zoo
from edgekit.artifacts import Epoch, Preprocessing
from edgekit.data.preprocessing import input_range
from edgekit.errors import InputError
from edgekit.tensorflow_loader import quiet
from edgekit.train.distortion import draw
from edgekit.train.schedule import learning_rate
from edgekit.train.settings import Settings
from edgekit.train.state import StateFolder
from edgekit.train.steps import Steps, has_batch_norms, suit_batch_norms

Progress = Callable[[str, int, int], None]
Report = Callable[[tuple[Epoch, ...], int], None]
"""Told the epochs so far, and how many there are at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """Images [n, h, w, c] as they are stored, and labels [n] int64."""

    images: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def train(
    model: Any,
    learnt: Images,
    judged: Images | None,
    preprocessing: Preprocessing,
    settings: Settings,
    *,
    state: StateFolder | None = None,
    progress: Progress = lambda *_: None,
    report: Report = lambda *_: None,
) -> tuple[Epoch, ...]:
    """Trains a Keras classifier in place, and says how each epoch went.

    `judged` chooses the best epoch, whose model is in `state`; without it there is nothing to
    choose by, and the last epoch is the best. With a `state` that holds epochs of this training,
    those are not done again, and are part of the result. `progress` hears of each step and `report`
    of each epoch. Raises `InputError` when the loss becomes infinite or a state is of no use.
    """
    with quiet():
        run = _Run(model, learnt, judged, preprocessing, settings)
        history = state.restore(run.steps.variables()) if state else ()
    patience = settings.patience_for(len(learnt))
    while len(history) < run.epochs and not _stuck(history, patience):
        with quiet():
            found = run.epoch(len(history), progress)
            history = (*history, found)
            if state and best(history) is found:
                zoo.save(model, state.best)
            if state:
                state.save(run.steps.variables(), history)
        report(history, run.epochs)
    return history


def best(history: tuple[Epoch, ...]) -> Epoch:
    """The epoch with the best validation accuracy, then the lowest loss; else the last one."""

    def merit(epoch: Epoch) -> tuple[float, float]:
        if epoch.validation_accuracy is None or epoch.validation_loss is None:
            return epoch.epoch, 0.0
        return epoch.validation_accuracy, -epoch.validation_loss

    return max(history, key=merit)


def _stuck(history: tuple[Epoch, ...], patience: int) -> bool:
    return bool(history) and len(history) - best(history).epoch >= patience


class _Run:
    """One training: its data, its steps, and where it is in its schedule."""

    def __init__(
        self,
        model: Any,
        learnt: Images,
        judged: Images | None,
        preprocessing: Preprocessing,
        settings: Settings,
    ) -> None:
        self._learnt, self._judged = learnt, judged
        self._preprocessing, self._settings = preprocessing, settings
        self._batches = math.ceil(len(learnt) / settings.batch)
        self.epochs = settings.epochs_for(len(learnt))
        self._peak = settings.learning_rate_for(has_batch_norms(model))
        suit_batch_norms(model, self._batches)
        self.steps = Steps(model, settings, input_range(preprocessing)[0])

    def epoch(self, number: int, progress: Progress) -> Epoch:
        """Epoch `number`, from 0: all that is random in it hangs on seed and number alone."""
        started, total = time.monotonic(), self.epochs * self._batches
        random = np.random.default_rng([self._settings.seed, number])
        order = random.permutation(len(self._learnt))
        loss, right = 0.0, 0
        for batch, chosen in enumerate(np.array_split(order, self._batches)):
            step = number * self._batches + batch
            found = self._learn(chosen, random, learning_rate(step, total, self._peak))
            loss, right = loss + found[0], right + found[1]
            progress("training", step + 1, total)
        _require_finite(loss, number + 1)
        judged_loss, judged_right = self._judge()
        return Epoch(
            epoch=number + 1,
            loss=loss / len(order),
            train_accuracy=right / len(order),
            validation_loss=judged_loss,
            validation_accuracy=judged_right,
            seconds=time.monotonic() - started,
        )

    def _learn(
        self, chosen: npt.NDArray[np.int64], random: np.random.Generator, rate: float
    ) -> tuple[float, int]:
        stored = self._learnt.images[chosen]
        height, width = stored.shape[1:3]
        transforms = draw(len(chosen), (height, width), self._settings, random)
        x = data.apply(self._preprocessing, stored)
        return self.steps.train(x, transforms, self._learnt.labels[chosen], rate)

    def _judge(self) -> tuple[float | None, float | None]:
        """Mean loss and share of right answers on the images that only judge."""
        judged = self._judged
        if judged is None:
            return None, None
        loss, right = 0.0, 0
        for start in range(0, len(judged), self._settings.batch):
            part = slice(start, start + self._settings.batch)
            x = data.apply(self._preprocessing, judged.images[part])
            found = self.steps.judge(x, judged.labels[part])
            loss, right = loss + found[0], right + found[1]
        return loss / len(judged), right / len(judged)


def _require_finite(loss: float, epoch: int) -> None:
    if not math.isfinite(loss):
        raise InputError(
            f"the training diverged: its loss is {loss} in epoch {epoch}",
            hint="Try a smaller --learning-rate, and check --preprocess.",
        )
