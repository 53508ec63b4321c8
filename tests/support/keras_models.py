"""Tiny Keras models with every trait that reading and quantizing must get right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edgekit.tensorflow_loader import quiet, tensorflow

CLASSES = 3
SHAPE = (10, 8, 3)  # not square, so that swapped sizes show


def load_keras() -> Any:
    tensorflow("a test")
    with quiet():
        import keras
    return keras


def separable(seed: int = 0) -> Any:
    """Convolution, depthwise and pointwise with batch norm and ReLU6, as MobileNetV1 has them."""
    keras = load_keras()
    layers = keras.layers
    with quiet():
        keras.utils.set_random_seed(seed)
        image = keras.Input(SHAPE, name="image")
        x = layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False, name="conv1")(image)
        x = layers.ReLU(6.0, name="conv1_relu")(layers.BatchNormalization(name="conv1_bn")(x))
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="dw1")(x)
        x = layers.ReLU(6.0, name="dw1_relu")(layers.BatchNormalization(name="dw1_bn")(x))
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = layers.Dense(CLASSES, activation="softmax", name="classifier")(x)
        model = keras.Model(image, x, name="tiny")
    rng = np.random.default_rng(seed)
    # Weights that clip some channels, kill one, and leave others below 6.
    model.get_layer("conv1").set_weights([rng.normal(size=(3, 3, 3, 6)) * 2])
    offsets = np.array([0.0, -40.0, 1.0, 3.0, 0.5, 0.0])
    model.get_layer("conv1_bn").set_weights([np.ones(6), offsets, np.zeros(6), np.full(6, 4.0)])
    return model


def concatenated(gain: float = 8.0) -> Any:
    """A ReLU6 after a concatenation, which the converter leaves an op of its own."""
    keras = load_keras()
    layers = keras.layers
    with quiet():
        keras.utils.set_random_seed(1)
        image = keras.Input(SHAPE)
        sides = [layers.Conv2D(4, size, padding="same")(image) for size in (3, 1)]
        x = layers.ReLU(6.0, name="joined_relu")(layers.Concatenate()(sides))
        x = layers.Dense(CLASSES)(layers.GlobalAveragePooling2D()(x))
        model = keras.Model(image, x)
    model.set_weights([weights * gain for weights in model.get_weights()])
    return model


def pooled() -> Any:
    """A ReLU6 after an average pooling, whose int8 form keeps the pooling's range."""
    keras = load_keras()
    layers = keras.layers
    with quiet():
        keras.utils.set_random_seed(2)
        image = keras.Input(SHAPE)
        x = layers.AveragePooling2D(2)(layers.Conv2D(4, 3, padding="same")(image))
        x = layers.Dense(CLASSES)(layers.GlobalAveragePooling2D()(layers.ReLU(6.0)(x)))
        model = keras.Model(image, x)
    model.set_weights([weights * 20 for weights in model.get_weights()])
    return model


def save(model: Any, path: Path) -> Path:
    """Saves in the format that the ending names; no ending, a SavedModel."""
    with quiet():
        if path.suffix:
            model.save(path)
        else:
            model.export(path, verbose=False)
    return path
