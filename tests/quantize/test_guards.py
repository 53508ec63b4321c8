"""Each mistake with images, labels or preprocessing is named; what is right is left in peace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit import data, frontends
from edgekit.frontends import FloatModel
from edgekit.quantize.guards import DESCRIPTIONS, GUARDS, Sample, guard

RAW01 = data.preprocess("raw01")


class Reds(FloatModel):
    """Says how red an image is, in ten classes; with `first`, its classes count from there."""

    format = "test"

    def __init__(self, classes: int = 10, first: int = 0) -> None:
        super().__init__(Path("reds.keras"), "00", (4, 6, 3), classes)
        self._first = first

    def predict(self, x: np.ndarray) -> np.ndarray:
        redness = x[..., 0].mean(axis=(1, 2)) - x[..., 2].mean(axis=(1, 2))  # of 0 to 1
        levels = np.arange(self.classes) - self._first
        return np.asarray(-40 * np.abs(10 * redness[:, None] - 0.5 - levels), np.float32)


def sample(count: int = 60, **model: int) -> Sample:
    """Pictures of ten rednesses, and which it is."""
    rng = np.random.default_rng(5)
    labels = rng.permutation(count) % 10
    images = rng.integers(0, 8, (count, 4, 6, 3))
    images[..., 0] += (25.5 * labels + 12).astype(int)[:, None, None]
    return Sample("d", images.astype(np.uint8), labels, Reds(**model), RAW01)


def rules(found: Sample) -> dict[str, str]:
    return {one.rule: f"{one.message}. {one.hint}" for one in guard(found)}


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert sample().top1 == 1
    assert rules(sample()) == {}
    floats = sample()
    assert rules(replace(floats, images=floats.images.astype(np.float32))) == {}


def test_few_images() -> None:
    assert "only 9 images" in rules(sample(9))["few_images"]
    assert "few_images" not in rules(sample(16))


def test_copies() -> None:
    right = sample()
    places = np.repeat(np.arange(20), 3)
    found = rules(replace(right, images=right.images[places], labels=right.labels[places]))
    assert "40 of 60 images are copies of others" in found["same_images"]


def test_blank_images() -> None:
    right = sample()
    right.images[:12] = right.images[:12, :1, :1]
    assert "12 of 60" in rules(right)["blank_images"]


def test_images_that_were_scaled_before_they_were_stored() -> None:
    right = sample()
    found = rules(replace(right, images=(right.images / 255).astype(np.float32)))
    assert "take them as they are" in found["pixel_values"]
    scaled = (right.images / 255).astype(np.float32)
    as_it_is = replace(right, images=scaled, preprocessing=data.preprocess("raw255"))
    assert "pixel_values" not in rules(as_it_is)


def test_red_and_blue_changed() -> None:
    right = sample()
    found = rules(replace(right, images=right.images[..., ::-1]))
    assert set(found) == {"channel_order"}
    assert "100% right with the channels turned" in found["channel_order"]


def test_grey_images_have_no_order() -> None:
    right = sample()
    grey = np.repeat(right.images[..., :1], 3, axis=-1)
    assert "channel_order" not in rules(replace(right, images=grey))


@pytest.mark.parametrize(("first", "words"), [(1, "one too low"), (-1, "one too high")])
def test_labels_one_off(first: int, words: str) -> None:
    found = rules(sample(classes=11, first=first))
    assert set(found) == {"shifted_labels"}
    assert words in found["shifted_labels"]
    assert "11 classes" in found["shifted_labels"]


def test_classes_in_another_order() -> None:
    right = sample()
    order = np.array([3, 0, 4, 1, 9, 7, 2, 8, 5, 6])
    found = rules(replace(right, labels=order[right.labels]))
    assert set(found) == {"mixed_labels"}
    assert "100% if 0 is 3, 1 is 0" in found["mixed_labels"]


def test_labels_that_have_nothing_to_do_with_the_images() -> None:
    right = sample(classes=1000)
    found = rules(replace(right, labels=np.random.default_rng(0).integers(0, 1000, 60)))
    assert set(found) == {"strange_labels"}


class Faint(Reds):
    """As a model of fresh weights, in which nearly all is lost on the way."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        return super().predict(x) * np.float32(1e-7)


def test_a_model_that_answers_all_images_alike() -> None:
    found = rules(replace(sample(), model=Faint()))
    assert set(found) == {"same_answers"}
    assert "answers 32 images alike" in found["same_answers"]


def test_one_label_for_all_proves_nothing_else() -> None:
    right = sample()
    found = rules(replace(right, labels=np.zeros(60, np.int64)))
    assert set(found) == {"one_label"}


def test_every_guard_says_what_it_wants() -> None:
    assert list(DESCRIPTIONS) == [one.__name__ for one in GUARDS]
    assert all(DESCRIPTIONS.values())


@pytest.mark.slow  # loads TensorFlow and a thousand pictures
@pytest.mark.parametrize(
    ("file", "pictures", "right"),
    [
        ("vww_96.keras", "personlike_96.npz", "raw01"),
        ("mobilenet_v1_0_25_224_logits.keras", "imagenet1k", "tf"),
        ("shufflenet_v2_x0_5_cifar10.keras", "cifar10_test_2100.npz", "tf"),
    ],
)
def test_real_models_are_left_in_peace(
    shared_data: Path, file: str, pictures: str, right: str
) -> None:
    loaded = data.load(shared_data / "images" / pictures)
    few, _ = data.split(len(loaded), 50, 0, labels=loaded.labels)
    found: Any = Sample(
        pictures, loaded.images[few], loaded.labels[few],
        frontends.load(shared_data / "models" / file), data.preprocess(right),
    )  # fmt: skip
    assert rules(found) == {}
