"""How stored pixels become a model's input: named conventions, or scale, mean and std."""

from __future__ import annotations

import difflib
import math
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Preprocessing
from edgekit.errors import DataError

NAMED = {
    record.name: record
    for record in (
        Preprocessing(name="raw01", scale=1 / 255, mean=(0.0,), std=(1.0,)),
        Preprocessing(name="raw255", scale=1.0, mean=(0.0,), std=(1.0,)),
        Preprocessing(name="tf", scale=1 / 127.5, mean=(1.0,), std=(1.0,)),
        Preprocessing(
            name="torch", scale=1 / 255, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
        ),
        Preprocessing(
            name="caffe", scale=1.0, mean=(104.0, 117.0, 123.0), std=(1.0,), channels="bgr"
        ),
        Preprocessing(
            name="cifar", scale=1 / 255, mean=(0.4914, 0.4822, 0.4465), std=(0.247, 0.243, 0.261)
        ),
        Preprocessing(name="lite", scale=1.0, mean=(127.0,), std=(128.0,)),
    )
}
_LARGEST_PIXEL = 255
_FORM = "custom:SCALE:MEAN:STD, as custom:0.003922:0.485,0.456,0.406:0.229,0.224,0.225"


def preprocess(text: str) -> Preprocessing:
    """The preprocessing of that name, or ``custom:SCALE:MEAN:STD``: (x * SCALE - MEAN) / STD.

    MEAN and STD are one number, or one per channel with commas. Raises `DataError`.
    """
    if text in NAMED:
        return NAMED[text]
    if text.startswith("custom:"):
        return _custom(text)
    nearest = difflib.get_close_matches(text, NAMED, n=1)
    raise DataError(
        f"there is no preprocessing {text!r}",
        hint=(f"Did you mean {nearest[0]}? " if nearest else "")
        + f"Choose one of {', '.join(NAMED)}, or {_FORM}.",
    )


def _custom(text: str) -> Preprocessing:
    try:
        scale, mean, std = (
            tuple(float(number) for number in part.split(",")) for part in text.split(":")[1:]
        )
    except ValueError:
        raise DataError(f"{text!r} is not a preprocessing", hint=f"Write {_FORM}.") from None
    finite = all(math.isfinite(number) for number in (*scale, *mean, *std))
    if len(scale) != 1 or not finite or 0.0 in (*scale, *std):
        raise DataError(
            f"{text!r}: SCALE is one number, not 0; STD is not 0; all are finite",
            hint=f"Write {_FORM}.",
        )
    return Preprocessing(name=text, scale=scale[0], mean=mean, std=std)


def apply(preprocessing: Preprocessing, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """The model's input [n, h, w, c] float32 from images [n, h, w, c], uint8 or float.

    Four bytes a value: call it on a batch, not on a whole large set. Raises `DataError` when the
    preprocessing is for another number of channels.
    """
    channels = images.shape[-1]
    for values in (preprocessing.mean, preprocessing.std):
        if len(values) not in (1, channels):
            raise DataError(
                f"preprocessing {preprocessing.name} is for {len(values)} channels, "
                f"the images have {channels}"
            )
    if preprocessing.channels == "bgr":
        images = images[..., ::-1]
    gain = preprocessing.scale / np.array(preprocessing.std, np.float64)
    offset = np.array(preprocessing.mean, np.float64) / np.array(preprocessing.std, np.float64)
    found = images.astype(np.float32, order="C")
    *outer, width, _ = found.shape
    rows = found.reshape(*outer, width * channels)  # three channels alone are a slow inner loop
    rows *= np.tile(gain.astype(np.float32), width * channels // len(gain))
    rows -= np.tile(offset.astype(np.float32), width * channels // len(offset))
    return found


def as_stored(preprocessing: Preprocessing, images: npt.NDArray[Any]) -> Preprocessing:
    """The preprocessing of these images, which may hold something else than pixels: numbers beyond
    0..255, or none above 1 and not all of them whole."""
    low, high = float(images.min()), float(images.max())
    scaled = high <= 1 and not np.array_equal(images, np.rint(images))
    pixels = low >= 0 and high <= _LARGEST_PIXEL and not scaled
    return msgspec.structs.replace(preprocessing, pixels=pixels)


def describe(preprocessing: Preprocessing) -> str:
    """A preprocessing in words: ``tf (-1 to 1)``; of other values than pixels, its name."""
    if not preprocessing.pixels:
        return preprocessing.name
    low, high = input_range(preprocessing)
    return f"{preprocessing.name} ({low:.4g} to {high:.4g})"


def input_range(preprocessing: Preprocessing) -> tuple[float, float]:
    """The smallest and largest model input that a pixel in 0..255 can become."""
    ends = [
        (pixel * preprocessing.scale - mean) / std
        for pixel in (0, _LARGEST_PIXEL)
        for mean, std in zip(
            *np.broadcast_arrays(preprocessing.mean, preprocessing.std), strict=True
        )
    ]
    return float(min(ends)), float(max(ends))
