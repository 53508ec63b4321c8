"""Images of any size into a model's size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgekit import data
from edgekit.data.resizing import resized, resized_arrays
from edgekit.errors import DataError


def stripes(height: int, width: int) -> Image.Image:
    """A third black, a third grey, a third white, from left to right."""
    columns = np.repeat(np.array([0, 128, 255], np.uint8), width // 3)
    return Image.fromarray(np.tile(columns, (height, 1)))


def test_crop_takes_the_middle_and_stretch_takes_all() -> None:
    cropped = np.asarray(resized(stripes(30, 90), 6, 6, "crop"))
    assert (cropped == 128).all()
    stretched = np.asarray(resized(stripes(30, 90), 6, 6, "stretch"))
    assert stretched[:, 0].tolist() == [0] * 6
    assert stretched[:, -1].tolist() == [255] * 6


def test_crop_cuts_a_tall_image_above_and_below() -> None:
    tall = stripes(30, 90).transpose(Image.Transpose.ROTATE_90)
    assert (np.asarray(resized(tall, 10, 10, "crop")) == 128).all()


@pytest.mark.parametrize("size", [(7, 3), (1, 1), (333, 77), (96, 96)])
def test_any_size_becomes_any_size(size: tuple[int, int]) -> None:
    for height, width in ((1, 1), (3, 1000), (1000, 3), (97, 61)):
        image = Image.new("RGB", (width, height), (9, 8, 7))
        for method in ("crop", "stretch"):
            made = np.asarray(resized(image, *size, method))
            assert made.shape == (*size, 3)
            assert (made == (9, 8, 7)).all()


def test_what_shrinks_is_averaged() -> None:
    checkers = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    small = np.asarray(resized(Image.fromarray(checkers), 4, 4, "crop"))
    assert np.abs(small.astype(int) - 127).max() <= 2


def test_images_that_fit_are_not_touched() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3)).astype(np.uint8)
    assert resized_arrays("d", noise, (5, 7), "crop") is noise
    assert (np.asarray(resized(Image.fromarray(noise[0]), 5, 7, "crop")) == noise[0]).all()


def test_arrays_are_resized_as_files_are() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 9, 14, 3)).astype(np.uint8)
    made = resized_arrays("d", noise, (4, 5), "crop")
    for image, small in zip(noise, made, strict=True):
        assert (np.asarray(resized(Image.fromarray(image), 4, 5, "crop")) == small).all()


def test_floats_are_not_resized() -> None:
    with pytest.raises(DataError, match="only uint8"):
        resized_arrays("d", np.zeros((1, 4, 4, 1), np.float32), (2, 2), "crop")


def test_a_source_takes_size_and_channels_from_the_model(tmp_path: Path) -> None:
    for number, size in enumerate([(20, 40), (33, 15)]):
        (tmp_path / str(number)).mkdir()
        Image.new("RGB", size, (200, 10, 10)).save(tmp_path / str(number) / "a.jpg")
    assert data.Source(tmp_path, "crop").load((6, 4, 1)).image_shape == (6, 4, 1)
    with pytest.raises(DataError, match="2 sizes") as error:
        data.Source(tmp_path).load((6, 4, 1))
    assert "--resize crop" in error.value.hint
