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
from edgekit.artifacts import write_bytes
from edgekit.example.digits import SEED, SIZE, Part, training_and_held_out
from edgekit.tensorflow_loader import quiet, tensorflow

EPOCHS = 120
BATCH = 32
LEARNING_RATE = 2e-3
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
    tensorflow("training the example")
    with quiet():
        import keras

    keras.utils.set_random_seed(SEED)
    model = _fresh()
    steps = EPOCHS * -(-len(part[0]) // BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=1e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    report = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: _LOG.info(
            "epoch %d of %d: accuracy %.4f", epoch + 1, EPOCHS, logs["accuracy"]
        )
    )
    model.fit(_batches(keras, part), epochs=EPOCHS, verbose=0, callbacks=[report])
    trained = _fresh()  # without the optimizer's state, which is twice the size of the weights
    trained.set_weights(model.get_weights())
    return trained


def _fresh() -> Any:
    return zoo.build("mobilenet_v1", alpha=0.25, resolution=SIZE, channels=1, classes=10)


def _batches(keras: Any, part: Part) -> Any:
    """Batches in a new order each epoch, each image distorted anew."""
    images, labels = part
    x = data.apply(data.preprocess(example.PREPROCESSING), images)
    distort = _distortion(keras)
    return (
        tensorflow("training the example")
        .data.Dataset.from_tensor_slices((x, labels))
        .shuffle(len(x), seed=SEED)
        .batch(BATCH)
        .map(lambda image, label: (distort(image, training=True), label))
        .prefetch(2)
    )


def _distortion(keras: Any) -> Any:
    """Small shifts, turns and zooms; what comes in from outside is background, -1."""
    fill = {"fill_mode": "constant", "fill_value": -1.0}
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.1, 0.1, **fill, seed=SEED),
            keras.layers.RandomRotation(0.03, **fill, seed=SEED + 1),
            keras.layers.RandomZoom(0.1, 0.1, **fill, seed=SEED + 2),
        ]
    )


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
