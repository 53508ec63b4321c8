"""Makes the embedded example again: ``python -m edgekit.example.train``, some minutes.

Trains MobileNetV1 (alpha 0.25) on 1197 of scikit-learn's digits and writes the model and the
600 other images beside this file. Epochs are fixed beforehand: the held-out images choose nothing.
"""

from __future__ import annotations

import io
import logging
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from edgekit import data, example, zoo
from edgekit.artifacts import Epoch, write_bytes
from edgekit.example.digits import SEED, SIZE, Part, training_and_held_out
from edgekit.tensorflow_loader import quiet
from edgekit.train import Images, Settings, fresh
from edgekit.train import train as learn

SETTINGS = Settings(
    epochs=120,
    batch=32,
    learning_rate=2e-3,
    label_smoothing=0.0,
    seed=SEED,
    flip=False,
    shift=0.1,
    rotate=0.03,
    zoom=0.1,
    fill="black",
)
_LOG = logging.getLogger(__name__)


def main() -> None:
    """Trains, reports the held-out accuracy, and writes both files."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    training, held_out = training_and_held_out()
    model = train(training)
    _LOG.info("held-out accuracy %.2f %%", 100 * accuracy(model, held_out))
    zoo.save(model, example.model_path())
    _compress(example.model_path())
    _write_images(held_out, example.data_path())


def train(part: Part) -> Any:
    """A MobileNetV1 trained on images and labels."""
    variant = {"alpha": 0.25, "resolution": SIZE, "channels": 1, "classes": 10}
    model = fresh("mobilenet_v1", variant, SEED)
    learn(model, Images(*part), None, data.preprocess(example.PREPROCESSING), SETTINGS, report=_say)
    return model


def _say(history: tuple[Epoch, ...], most: int) -> None:
    _LOG.info("epoch %d of %d: accuracy %.4f", len(history), most, history[-1].train_accuracy)


def accuracy(model: Any, part: Part) -> float:
    """The share of images whose largest score is that of their label."""
    images, labels = part
    x = data.apply(data.preprocess(example.PREPROCESSING), images)
    with quiet():
        scores = model.predict(x, verbose=0)
    return float((scores.argmax(axis=1) == labels).mean())


def _compress(path: Path) -> None:
    """Packs a `.keras` file, a zip that Keras leaves unpacked; without its dates."""
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED, 9)
    write_bytes(path, packed.getvalue())


def _write_images(part: Part, path: Path) -> None:
    images, labels = part
    packed = io.BytesIO()
    np.savez_compressed(packed, x=images, y=labels, classes=np.array(list("0123456789")))
    write_bytes(path, packed.getvalue())


if __name__ == "__main__":
    main()
