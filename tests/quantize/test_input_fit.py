from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from edgekit import data, example, frontends
from edgekit.errors import DataError
from edgekit.frontends import FloatModel
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.input_fit import misfit, require_contrast

Images = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def model() -> FloatModel:
    return frontends.load(example.model_path())


@pytest.fixture(scope="module")
def images() -> Images:
    return a_few(example.data_path())


def a_few(path: Path) -> Images:
    dataset = data.load(path)
    few, _ = data.split(len(dataset), 24, 0, labels=dataset.labels)
    return dataset.images[few], dataset.labels[few]


def test_the_right_preprocessing_raises_no_warning(model: FloatModel, images: Images) -> None:
    assert misfit(model, *images, data.preprocess("tf")) is None
    assert misfit(model, *images, data.preprocess("lite")) is None  # the same within a level


@pytest.mark.parametrize("wrong", ["raw01", "raw255"])
def test_batch_norms_tell_a_wrong_scale(model: FloatModel, images: Images, wrong: str) -> None:
    warning = misfit(model, *images, data.preprocess(wrong))
    assert warning is not None
    assert f"tf (-1 to 1) fits it, {wrong}" in warning
    assert "standard deviations" in warning
    assert warning.endswith("Try --preprocess tf.")


def test_distances_that_are_not_finite_say_nothing(
    model: FloatModel, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, labels = images
    values = np.full((len(pixels), 2, 2, 1), np.nan, np.float32)
    one = np.ones(1, np.float32)
    monkeypatch.setattr(model, "batch_norm_inputs", lambda *given: [(values, one, one)])
    assert misfit(model, pixels, labels[:0], data.preprocess("tf")) is None


def test_batch_norms_need_no_labels(model: FloatModel, images: Images) -> None:
    pixels, labels = images
    shuffled = np.roll(labels, 1)
    assert misfit(model, pixels, shuffled, data.preprocess("tf")) is None
    assert misfit(model, pixels, shuffled, data.preprocess("raw01")) is not None


def test_images_that_were_scaled_twice_are_recognised(model: FloatModel, images: Images) -> None:
    tf = data.preprocess("tf")
    twice = msgspec.structs.replace(tf, name="custom:twice", scale=tf.scale / 255)
    warning = misfit(model, *images, twice)
    assert warning is not None
    assert "Try --preprocess tf." in warning


def test_labels_tell_a_wrong_scale_without_batch_norms(
    model: FloatModel, images: Images, tmp_path: Path
) -> None:
    (tmp_path / "m.tflite").write_bytes(float_tflite(model))
    folded = frontends.load(tmp_path / "m.tflite")
    assert misfit(folded, *images, data.preprocess("tf")) is None
    warning = misfit(folded, *images, data.preprocess("raw01"))
    assert warning is not None
    assert "tf (-1 to 1) fits it better than raw01" in warning
    assert "24 labelled images" in warning


def test_labels_that_are_wrong_or_few_do_not_blame_the_scale(
    model: FloatModel, images: Images, tmp_path: Path
) -> None:
    (tmp_path / "m.tflite").write_bytes(float_tflite(model))
    folded = frontends.load(tmp_path / "m.tflite")
    pixels, labels = images
    assert misfit(folded, pixels[:1], labels[:1], data.preprocess("raw01")) is None
    said = [
        folded.predict(data.apply(named, pixels)).argmax(axis=1)
        for named in data.NAMED.values()
        if len(named.mean) == 1
    ]
    wrong = [min(set(range(10)) - set(answers)) for answers in np.transpose(said).tolist()]
    assert misfit(folded, pixels, np.array(wrong), data.preprocess("tf")) is None


def test_images_without_any_contrast_are_refused() -> None:
    with pytest.raises(DataError, match="all 3 calibration images hold nothing but 7"):
        require_contrast("x.npz", np.full((3, 2, 2, 1), 7, np.uint8))
    require_contrast("x.npz", np.arange(2, dtype=np.uint8).reshape(2, 1, 1, 1))


@pytest.mark.parametrize(
    ("file", "pictures", "right"),
    [
        ("vww_96.keras", "personlike_96.npz", "raw01"),
        pytest.param(
            "shufflenet_v2_x0_5_cifar10.keras",
            "cifar10_test_2100.npz",
            "tf",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_real_models_know_their_preprocessing(
    shared_data: Path, file: str, pictures: str, right: str
) -> None:
    loaded = frontends.load(shared_data / "models" / file)
    few = a_few(shared_data / "images" / pictures)
    for name in ("raw01", "tf", "torch", "caffe"):
        warning = misfit(loaded, *few, data.preprocess(name))
        assert (warning is None) == (name == right), warning
        assert warning is None or f"--preprocess {right}" in warning
