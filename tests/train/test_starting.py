from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import colours, keras_models

from edgekit import frontends, zoo
from edgekit.errors import ModelError
from edgekit.train import again, fresh, take_over


def source(path: Path) -> Any:
    return frontends.load(colours.model(path))


@pytest.mark.parametrize("file", ["m.keras", "m.h5"])
def test_equal_classes_keep_every_weight(tmp_path: Path, file: str) -> None:
    trained = source(tmp_path / file)
    model = again(trained, 3, freeze=False, seed=1)
    for ours, theirs in zip(model.get_weights(), trained.keras.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    zoo.save(model, tmp_path / "out.keras")  # without the classes that reading an .h5 needs
    assert frontends.load(tmp_path / "out.keras").classes == 3


def test_other_classes_get_a_new_classifier_on_the_old_body(tmp_path: Path) -> None:
    trained = source(tmp_path / "m.keras")
    model = again(trained, 5, freeze=False, seed=1)
    assert model.output_shape == (None, 5)
    for layer in model.layers[:-2]:
        for ours, theirs in zip(
            layer.get_weights(), trained.keras.get_layer(layer.name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)


def test_freeze_leaves_only_the_classifier_to_learn(tmp_path: Path) -> None:
    model = again(source(tmp_path / "m.keras"), 5, freeze=True, seed=1)
    assert [variable.path for variable in model.trainable_variables] == [
        "logits/kernel",
        "logits/bias",
    ]


def test_a_convolution_with_a_reshape_behind_it_is_a_classifier_too(tmp_path: Path) -> None:
    keras = keras_models.load_keras()
    model = keras.Sequential(
        [
            keras.Input(keras_models.SHAPE),
            keras.layers.GlobalAveragePooling2D(keepdims=True),
            keras.layers.Conv2D(7, 1),
            keras.layers.Reshape((7,)),
        ]
    )
    trained = frontends.load(keras_models.save(model, tmp_path / "m.keras"))
    assert again(trained, 4, freeze=False, seed=0).output_shape == (None, 4)


def test_a_model_without_a_classifier_is_refused(tmp_path: Path) -> None:
    keras = keras_models.load_keras()
    layers = [keras.Input(keras_models.SHAPE), keras.layers.GlobalAveragePooling2D()]
    path = keras_models.save(keras.Sequential(layers), tmp_path / "m.keras")
    with pytest.raises(ModelError, match="found no layer with weights"):
        again(frontends.load(path), 2, freeze=False, seed=0)


@pytest.mark.slow
def test_the_seed_decides_a_fresh_models_weights() -> None:
    variant = {"alpha": 0.25, "resolution": 32, "classes": 2}
    first, same, other = (fresh("mobilenet_v1", variant, s).get_weights()[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_weights_are_taken_over_where_names_and_shapes_agree(tmp_path: Path) -> None:
    trained = source(tmp_path / "m.keras")
    other = again(trained, 5, freeze=False, seed=3)
    other.set_weights([np.zeros_like(values) for values in other.get_weights()])
    assert take_over(other, trained.keras) == 3
    np.testing.assert_array_equal(
        other.get_layer("conv").get_weights()[0], trained.keras.get_layer("conv").get_weights()[0]
    )
    assert not other.get_layer("logits").get_weights()[0].any()
