"""Labelled images in, a trained float model, its record and its validation images out."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from edgekit import artifacts
from edgekit.artifacts import Epoch, Preprocessing, Resize, Trained
from edgekit.data import Dataset
from edgekit.flows.progress import Progress, silent
from edgekit.flows.records import preprocessing_for, resize_for
from edgekit.flows.training_records import training_record_of, training_record_path
from edgekit.flows.training_start import Start, Variant, fitting_images, starting_model
from edgekit.frontends import KerasModel
from edgekit.train import Images, Report, Settings, StateFolder, best, hardware, split_classes
from edgekit.train import train as learn
from edgekit.zoo import require_keras_file

_FROM_SCRATCH = "tf"
_Places = npt.NDArray[np.int64]


def train(
    start: Start,
    images: Path,
    output: Path,
    settings: Settings,
    *,
    preprocess: str | None = None,
    resize: Resize | None = None,
    restart: bool = False,
    progress: Progress = silent,
    report: Report = lambda *_: None,
    note: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Trains on `images` and writes the best model to `output`, a `.keras` file.

    Beside it go `<output>.training.json`, from which `quantize` knows the preprocessing, and
    `<output>.validation.npz`, the images that were not learnt from. Until then the folder
    `<output>.training` keeps what the same call needs to go on after an interruption; `restart`
    ignores it. Sizes and classes that the variant does not give are those of the images. `note`
    is told, before the first epoch, what it runs on.

    Raises `InputError`, `ModelError`, `DataError` or `MissingToolError`.
    """
    started = time.monotonic()
    require_keras_file(output)
    artifacts.require_apart(output, start.model, images)
    start.require_sense()
    lesson = _lesson(start, images, settings, preprocess, resize, progress)
    state = StateFolder(output.with_suffix(".training"), lesson.identity)
    if restart:
        state.remove()
    device = _device(note)
    history = learn(
        lesson.model(),
        lesson.part(lesson.learnt),
        lesson.part(lesson.judged) if len(lesson.judged) else None,
        lesson.preprocessing,
        settings,
        state=state,
        progress=progress,
        report=report,
    )
    record = _keep(lesson, state.best_model(), history, device, output, started)
    state.remove()
    return record


@dataclass(frozen=True)
class _Lesson:
    """All that decides a training. `learnt` and `judged` are places of images in the dataset."""

    start: Start
    source: KerasModel | None
    variant: Variant
    dataset: Dataset
    preprocessing: Preprocessing
    resize: Resize | None
    settings: Settings
    learnt: _Places
    judged: _Places

    @property
    def identity(self) -> str:
        """A hash: only a training with the same one may be gone on with."""
        start = self.start
        trained = artifacts.sha256(start.model.read_bytes()) if start.model else None
        parts = (start.name, trained, start.freeze, self.variant, self.dataset.fingerprint)
        return artifacts.sha256(msgspec.json.encode((*parts, self.preprocessing, self.settings)))

    def model(self) -> Any:
        """The Keras model, before it learns."""
        classes, seed = len(self.dataset.classes), self.settings.seed
        return starting_model(self.start, self.source, self.variant, classes, seed)

    def part(self, chosen: _Places) -> Images:
        """Some of the images."""
        return Images(self.dataset.images[chosen], self.dataset.labels[chosen])


def _lesson(
    start: Start,
    images: Path,
    settings: Settings,
    preprocess: str | None,
    resize: Resize | None,
    progress: Progress,
) -> _Lesson:
    """What was asked for, completed by the record of a trained model and by the images."""
    known = training_record_of(start.model) if start.model else None
    default = None if start.model else _FROM_SCRATCH
    preprocessing = preprocessing_for(preprocess or default, known)
    resize = resize_for(resize, known)
    source = start.read_model()
    dataset, variant = fitting_images(start, source, images, resize, progress)
    learnt, judged = split_classes(dataset.labels, settings.validation, settings.seed)
    return _Lesson(start, source, variant, dataset, preprocessing, resize, settings, learnt, judged)


def _device(note: Callable[[str], None]) -> str:
    """The name of what the training runs on, which is said."""
    device = hardware()
    note(f"training on {device.name}")
    if device.advice:
        note(f"warning: {device.advice}")
    return device.name


def _keep(
    lesson: _Lesson,
    model: bytes,
    history: tuple[Epoch, ...],
    device: str,
    output: Path,
    started: float,
) -> Trained:
    """Writes the model, the images that judged it, and the record, which is returned."""
    artifacts.write_bytes(output, model)
    chosen, dataset, judged = best(history), lesson.dataset, len(lesson.judged)
    record = Trained(
        source=str(lesson.start),
        variant=lesson.variant,
        output=str(output),
        output_sha256=artifacts.sha256(model),
        preprocessing=lesson.preprocessing,
        resize=lesson.resize,
        input_shape=dataset.image_shape,
        classes=dataset.classes,
        images=len(lesson.learnt) + judged,
        validation_images=judged,
        validation_data=_keep_judged(lesson, output),
        data_fingerprint=dataset.fingerprint,
        seed=lesson.settings.seed,
        device=device,
        epochs=len(history),
        best_epoch=chosen.epoch,
        train_accuracy=chosen.train_accuracy,
        validation_accuracy=chosen.validation_accuracy,
        history=history,
        seconds=time.monotonic() - started,
        warnings=tuple(_warnings(chosen, len(dataset.classes), judged)),
    )
    artifacts.save(record, training_record_path(output))
    return record


def _warnings(chosen: Epoch, classes: int, judged: int) -> Iterator[str]:
    """Said of a model that is right as often as one that guesses, but for two standard errors."""
    found, chance = chosen.validation_accuracy, 1 / classes
    if found is not None and found < chance + 2 * math.sqrt(chance * (1 - chance) / judged):
        yield (
            f"the model is right on {100 * found:.1f} % of {judged} images, as guesses among "
            f"{classes} classes would be. Try a smaller --learning-rate, more --epochs or images"
        )


def _keep_judged(lesson: _Lesson, output: Path) -> str | None:
    """Writes the images that only judged, for `quantize` and `validate`, in the model's size."""
    if not len(lesson.judged):
        return None
    packed, path = io.BytesIO(), output.with_suffix(".validation.npz")
    part, names = lesson.part(lesson.judged), np.array(lesson.dataset.classes)
    np.savez_compressed(packed, x=part.images, y=part.labels, classes=names)
    artifacts.write_bytes(path, packed.getvalue())
    return str(path)
