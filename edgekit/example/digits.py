"""Scikit-learn's handwritten digits, enlarged, and split into training and held-out images."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from edgekit.data import split
from edgekit.errors import MissingToolError

SIZE = 32
HELD_OUT = 600
SEED = 0

Part = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]


def training_and_held_out() -> tuple[Part, Part]:
    """Images [n, 32, 32, 1] uint8 and labels [n]: 1197 for training, 600 held out.

    Raises `MissingToolError` without scikit-learn.
    """
    digits = _digits()
    images = np.stack([_enlarged(image) for image in digits.images])[..., None]
    labels = digits.target.astype(np.int64)
    held_out, training = split(len(labels), HELD_OUT, SEED, labels=labels)
    return (images[training], labels[training]), (images[held_out], labels[held_out])


def _digits() -> Any:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise MissingToolError(
            "making the example needs scikit-learn, which ships the images",
            hint='Install it with: pip install "edgekit[example]"',
        ) from None
    return load_digits()


def _enlarged(image: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """An 8×8 image of 0..16 as SIZE×SIZE of 0..255."""
    small = Image.fromarray(np.round(image * (255 / 16)).astype(np.uint8))
    return np.asarray(small.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
