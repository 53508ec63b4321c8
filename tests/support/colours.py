"""Images that a tiny model learns to tell apart in a moment: noise around a colour per class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgekit.train import Images
from support import keras_models

NAMES = ("red", "green", "blue")


def images(per_class: int = 20, *, classes: int = 3, seed: int = 0) -> Images:
    """Images [n, 10, 8, 3] uint8, class after class."""
    labels = np.repeat(np.arange(classes), per_class)
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 120, (len(labels), *keras_models.SHAPE)).astype(np.uint8)
    pixels[np.arange(len(labels)), :, :, labels % 3] += 100
    return Images(pixels, labels)


def write(path: Path, part: Images, names: tuple[str, ...] = NAMES) -> Path:
    """The images as an .npz."""
    np.savez(path, x=part.images, y=part.labels, classes=np.array(names))
    return path


def model(path: Path, *, seed: int = 0) -> Path:
    """An untrained tiny classifier of three classes, with batch norm and ReLU6."""
    return keras_models.save(fresh(seed), path)


def fresh(seed: int = 0) -> object:
    """The same, in memory."""
    keras = keras_models.load_keras()
    layers = keras.layers
    keras.utils.set_random_seed(seed)
    image = keras.Input(keras_models.SHAPE)
    x = layers.Conv2D(6, 3, strides=2, use_bias=False, name="conv")(image)
    x = layers.ReLU(6.0, name="relu")(layers.BatchNormalization(name="bn")(x))
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling2D()(x))
    x = layers.Dense(3, name="logits")(x)
    return keras.Model(image, layers.Activation("softmax", name="softmax")(x))


def weights(path: Path) -> list[npt.NDArray[np.float32]]:
    """The weights in a `.keras` file."""
    return list(keras_models.load_keras().models.load_model(path, compile=False).get_weights())
