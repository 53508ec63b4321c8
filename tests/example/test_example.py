from __future__ import annotations

import numpy as np
import pytest

from edgekit import data, example, frontends, zoo


@pytest.mark.slow
def test_the_model_is_the_zoos_and_small() -> None:
    described = zoo.describe("mobilenet_v1", alpha=0.25, resolution=32, channels=1, classes=10)
    assert example.model_path().stat().st_size < 1_000_000
    assert described.macs < 2_000_000
    model = frontends.load(example.model_path())
    assert model.input_shape == described.input.shape
    assert model.classes == 10


def test_the_images_are_held_out_and_balanced() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn ships the images")
    from edgekit.example.digits import training_and_held_out

    (trained, _), (images, labels) = training_and_held_out()
    shipped = data.load(example.data_path())
    np.testing.assert_array_equal(shipped.images, images)
    np.testing.assert_array_equal(shipped.labels, labels)
    assert not {image.tobytes() for image in trained} & {image.tobytes() for image in images}
    assert np.bincount(labels).tolist() == [60] * 10
    assert example.data_path().stat().st_size < 500_000


@pytest.mark.slow
def test_the_model_is_right_on_97_percent_of_the_held_out_images() -> None:
    held_out = data.load(example.data_path())
    x = data.apply(data.preprocess(example.PREPROCESSING), held_out.images)
    scores = frontends.load(example.model_path()).predict(x)
    assert scores.shape == (600, 10)
    assert (scores.argmax(axis=1) == held_out.labels).mean() >= 0.97
