"""Guards that need only the images: too few, alike, blank, or of values that are no pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.artifacts import Finding, sha256
from edgekit.quantize.guards.sample import Sample

_FEW = 16
_SAME = 0.05
_BLANK = 0.1
_SHRINKING = 0.1
"""A preprocessing that multiplies by less expects pixels up to 255, not fractions."""


def few_images(sample: Sample) -> Iterator[Finding]:
    """There are at least 16 images: of fewer, one strange image sets the ranges."""
    if len(sample.images) < _FEW:
        yield Finding(
            rule="few_images",
            severity="warning",
            where=sample.name,
            message=f"there are only {len(sample.images)} images, and all ranges rest on them",
            hint="Give 100 or more; half of them calibrate at most.",
        )


def same_images(sample: Sample) -> Iterator[Finding]:
    """Hardly any two images are the same: copies show no new values."""
    places: dict[str, list[int]] = {}
    for number, image in enumerate(sample.images):
        places.setdefault(sha256(np.ascontiguousarray(image).tobytes()), []).append(number)
    copies = len(sample.images) - len(places)
    if copies > max(1, _SAME * len(sample.images)):
        often = max(map(len, places.values()))
        yield Finding(
            rule="same_images",
            severity="warning",
            where=sample.name,
            message=f"{copies} of {len(sample.images)} images are copies of others, "
            f"one is there {often} times",
            hint="Leave copies out: they calibrate nothing, and evaluation counts them twice.",
        )


def blank_images(sample: Sample) -> Iterator[Finding]:
    """Images are not of one colour all over."""
    flat = sample.images.reshape(len(sample.images), -1, sample.images.shape[-1])
    blank = int((flat == flat[:, :1]).all(axis=(1, 2)).sum())
    if blank > _BLANK * len(sample.images):
        yield Finding(
            rule="blank_images",
            severity="warning",
            where=sample.name,
            message=f"{blank} of {len(sample.images)} images are of one colour",
            hint="Look at how the images are read or cut.",
        )


def pixel_values(sample: Sample) -> Iterator[Finding]:
    """Stored values are pixels of 0 to 255, where the preprocessing takes them for that.

    Images that were scaled to 0..1 before they were stored are scaled again, to next to nothing.
    """
    if sample.images.dtype == np.uint8:
        return
    low, high = float(sample.images.min()), float(sample.images.max())
    gain = sample.preprocessing.scale / min(sample.preprocessing.std)
    if gain < _SHRINKING and high <= 1.0 and low >= -1.0:
        yield Finding(
            rule="pixel_values",
            severity="warning",
            where=sample.name,
            message=f"the stored images hold {low:.3g} to {high:.3g}, and preprocessing "
            f"{sample.preprocessing.name} takes them for 0 to 255: they were scaled already",
            hint="Store pixels as uint8, or say --preprocess raw255 to take them as they are.",
        )
