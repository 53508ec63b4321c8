"""Infinite weights: as a Keras file has them, and as converters write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support import keras_models
from support.float_nets import RELU6, FloatNet
from support.models import Value, constant, single_op

from edgekit import data
from edgekit.data import Dataset
from edgekit.errors import ModelError
from edgekit.quantize import quantize
from edgekit.quantize.weights import require_finite

LARGEST = float(np.finfo(np.float32).max)
RAW01 = data.preprocess("raw01")


def images(*shape: int, classes: int) -> Dataset:
    pixels = np.random.default_rng(2).integers(0, 256, (24, *shape), np.uint8)
    return Dataset("noise", pixels, np.arange(24) % classes, tuple("abc"[:classes]), "0")


def net(weight: float, bias: float = 0.0) -> bytes:
    """A convolution with a clamp behind it, one of its weights as given."""
    made = FloatNet((8, 8, 3))
    weights = made.weights(4, 3, 3)
    weights[2, 1, 0, 1] = weight
    stem = made.conv("stem", made.entrance, weights, bias, RELU6)
    scores = made.conv("scores_map", stem, made.weights(3, 1, 4))
    return made.done(made.mean("scores", scores))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, LARGEST, -LARGEST])
def test_what_stands_for_infinity_is_refused(value: float) -> None:
    for model in (net(value), net(0.1, bias=value)):
        with pytest.raises(ModelError, match=r"^m has NaN or infinite weights in t\d"):
            require_finite(model, "m")


def test_large_weights_and_missing_limits_are_not_infinite() -> None:
    require_finite(net(3e38, bias=-3e38), "m")
    image = Value((1, 4, 4, 2), dtype="float32")
    pads = constant(np.array([(0, 0), (1, 1), (1, 1), (0, 0)], np.int32))
    inputs = [image, pads, constant(np.array([-LARGEST], np.float32))]
    wide = Value((1, 6, 6, 2), dtype="float32")
    require_finite(single_op("PADV2", inputs, wide, schema.PadV2OptionsT()), "m")


def test_an_overflow_that_a_clamp_hides_is_refused(tmp_path: Path) -> None:
    """The clamp's output is finite, what goes into it is not, and no record can hold that."""
    path = tmp_path / "m.tflite"
    path.write_bytes(net(3e38))
    with pytest.raises(ModelError, match="infinite values on the calibration images, in stem"):
        quantize(path, images(8, 8, 3, classes=3), data.preprocess("raw255"))


@pytest.mark.parametrize(
    ("layer", "place", "path"),
    [("conv1", 0, "conv1/kernel"), ("dw1_bn", 0, "dw1_bn/gamma"),
     ("classifier", 1, "classifier/bias")],
)  # fmt: skip
@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_keras_weights_are_named_as_keras_names_them(
    tmp_path: Path, layer: str, place: int, path: str, value: float
) -> None:
    model = keras_models.separable()
    weights = model.get_layer(layer).get_weights()
    weights[place].flat[1] = value
    model.get_layer(layer).set_weights(weights)
    file = keras_models.save(model, tmp_path / "m.keras")
    found = images(*keras_models.SHAPE, classes=keras_models.CLASSES)
    with pytest.raises(ModelError, match=rf"^m.keras has NaN or infinite weights in {path}$"):
        quantize(file, found, RAW01)
