from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit import data
from edgekit.errors import DataError

PIXELS = np.random.default_rng(1).integers(0, 256, (3, 4, 5, 3), np.uint8)
X = PIXELS.astype(np.float64)

CONVENTIONS = {
    "raw01": X / 255,
    "raw255": X,
    "tf": X / 127.5 - 1,
    "torch": (X / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225],
    "caffe": X[..., ::-1] - [104, 117, 123],
    "cifar": (X / 255 - [0.4914, 0.4822, 0.4465]) / [0.247, 0.243, 0.261],
    "lite": (X - 127) / 128,
}


def test_every_named_preprocessing_has_its_formula_here() -> None:
    assert set(CONVENTIONS) == set(data.NAMED)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_named_preprocessing_follows_its_formula(name: str) -> None:
    result = data.apply(data.preprocess(name), PIXELS)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, CONVENTIONS[name], rtol=1e-5, atol=1e-5)


def test_custom_preprocessing_scales_first() -> None:
    record = data.preprocess("custom:0.5:1,2,3:4")
    np.testing.assert_allclose(data.apply(record, PIXELS), (X * 0.5 - [1, 2, 3]) / 4, rtol=1e-5)


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(DataError) as caught:
        data.preprocess("raw10")
    assert "Did you mean raw01?" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["custom:", "custom:1:2", "custom:a:0:1", "custom:0:0:1", "custom:1:0:0", "custom:1:nan:1"],
)
def test_malformed_custom_preprocessing_shows_the_form(text: str) -> None:
    with pytest.raises(DataError) as caught:
        data.preprocess(text)
    assert "custom:SCALE:MEAN:STD" in caught.value.hint


def test_values_for_other_channel_counts_are_refused() -> None:
    with pytest.raises(DataError, match="3 channels, the images have 1"):
        data.apply(data.preprocess("torch"), PIXELS[..., :1])


@pytest.mark.parametrize(
    ("stored", "pixels"),
    [(PIXELS, True), (X, True), (X * 0.99, True), (X / 255, False), (-X, False), (2 * X, False)],
    ids=["uint8", "whole", "resized", "scaled", "negative", "beyond"],
)
def test_values_that_are_no_pixels_are_noted(stored: np.ndarray, pixels: bool) -> None:
    assert data.as_stored(data.preprocess("raw255"), stored).pixels == pixels


@given(
    n=st.integers(2, 60), seed=st.integers(0, 5), share=st.floats(0.01, 0.99), k=st.integers(1, 7)
)
def test_split_parts_are_disjoint_whole_and_repeatable(
    n: int, seed: int, share: float, k: int
) -> None:
    calibration = min(max(1, int(n * share)), n - 1)
    labels = np.arange(n) % k
    chosen, rest = data.split(n, calibration, seed, labels=labels)
    assert len(chosen) == calibration
    assert sorted([*chosen, *rest]) == list(range(n))
    again, _ = data.split(n, calibration, seed, labels=labels)
    np.testing.assert_array_equal(chosen, again)


def test_split_is_another_with_another_seed() -> None:
    assert data.split(100, 10, 0)[0].tolist() != data.split(100, 10, 1)[0].tolist()


def test_calibration_takes_turns_through_the_classes() -> None:
    labels = np.array([0] * 90 + [1] * 6 + [2] * 4)
    chosen, _ = data.split(100, 9, 3, labels=labels)
    assert np.bincount(labels[chosen]).tolist() == [3, 3, 3]


@pytest.mark.parametrize("calibration", [0, 10, 11])
def test_a_split_that_leaves_a_side_empty_is_refused(calibration: int) -> None:
    with pytest.raises(DataError, match=f"calibrate on {calibration} of 10"):
        data.split(10, calibration, 0)


def test_default_calibration_is_a_hundred_but_at_most_half() -> None:
    assert [data.default_calibration(n) for n in (1000, 106, 2)] == [100, 53, 1]
