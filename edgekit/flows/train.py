"""Labelled images in, a trained float model, its record and its validation images out."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

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
from edgekit.train import Images, Report, Settings, StateFolder, best, hardware, split_classes
from edgekit.train import train as learn
from edgekit.zoo import require_keras_file

_FROM_SCRATCH = "tf"


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
    known = training_record_of(start.model) if start.model else None
    default = None if start.model else _FROM_SCRATCH
    preprocessing = preprocessing_for(preprocess or default, known)
    resize = resize_for(resize, known)
    source = start.read_model()
    dataset, variant = fitting_images(start, source, images, resize, progress)
    learnt, judged = split_classes(dataset.labels, settings.validation, settings.seed)
    identity = _identity(start, variant, dataset, preprocessing, settings)
    state = StateFolder(output.with_suffix(".training"), identity)
    if restart:
        state.remove()
    device = hardware()
    note(f"training on {device.name}")
    if device.advice:
        note(f"warning: {device.advice}")
    history = learn(
        starting_model(start, source, variant, len(dataset.classes), settings.seed),
        _part(dataset, learnt),
        _part(dataset, judged) if len(judged) else None,
        preprocessing,
        settings,
        state=state,
        progress=progress,
        report=report,
    )
    model = state.best_model()
    artifacts.write_bytes(output, model)
    chosen = best(history)
    record = Trained(
        source=str(start),
        variant=variant,
        output=str(output),
        output_sha256=artifacts.sha256(model),
        preprocessing=preprocessing,
        resize=resize,
        input_shape=dataset.image_shape,
        classes=dataset.classes,
        images=len(learnt) + len(judged),
        validation_images=len(judged),
        validation_data=_keep(dataset, judged, output),
        data_fingerprint=dataset.fingerprint,
        seed=settings.seed,
        device=device.name,
        epochs=len(history),
        best_epoch=chosen.epoch,
        train_accuracy=chosen.train_accuracy,
        validation_accuracy=chosen.validation_accuracy,
        history=history,
        seconds=time.monotonic() - started,
        warnings=tuple(_warnings(chosen, len(dataset.classes), len(judged))),
    )
    artifacts.save(record, training_record_path(output))
    state.remove()
    return record


def _identity(
    start: Start,
    variant: Variant,
    dataset: Dataset,
    preprocessing: Preprocessing,
    settings: Settings,
) -> str:
    """A hash of all that decides the training: only the same one may be gone on with."""
    trained = artifacts.sha256(start.model.read_bytes()) if start.model else None
    parts = (start.name, trained, start.freeze, variant, dataset.fingerprint)
    return artifacts.sha256(msgspec.json.encode((*parts, preprocessing, settings)))


def _warnings(chosen: Epoch, classes: int, judged: int) -> Iterator[str]:
    """Said of a model that is right as often as one that guesses, but for two standard errors."""
    found, chance = chosen.validation_accuracy, 1 / classes
    if found is not None and found < chance + 2 * math.sqrt(chance * (1 - chance) / judged):
        yield (
            f"the model is right on {100 * found:.1f} % of {judged} images, as guesses among "
            f"{classes} classes would be. Try a smaller --learning-rate, more --epochs or images"
        )


def _part(dataset: Dataset, chosen: npt.NDArray[np.int64]) -> Images:
    return Images(dataset.images[chosen], dataset.labels[chosen])


def _keep(dataset: Dataset, chosen: npt.NDArray[np.int64], output: Path) -> str | None:
    """Writes the images that only judged, for `quantize` and `validate`, in the model's size."""
    if not len(chosen):
        return None
    packed, path = io.BytesIO(), output.with_suffix(".validation.npz")
    part, names = _part(dataset, chosen), np.array(dataset.classes)
    np.savez_compressed(packed, x=part.images, y=part.labels, classes=names)
    artifacts.write_bytes(path, packed.getvalue())
    return str(path)
