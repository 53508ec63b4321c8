"""Images of any size into the size that a model takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from edgekit.artifacts import Resize
from edgekit.errors import DataError


def resized(image: Image.Image, height: int, width: int, method: Resize) -> Image.Image:
    """The image in another size: linear, averaged over what falls into a pixel when it shrinks.

    ``crop`` first cuts the largest part of the wanted shape out of the middle, ``stretch`` takes
    all of it and bends what is not of that shape. Pixels that fit already stay as they are.
    """
    if image.size == (width, height):
        return image
    if method == "crop":
        image = image.crop(_middle(image, height, width))
    return image.resize((width, height), Image.Resampling.BILINEAR)


def _middle(image: Image.Image, height: int, width: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the largest part of that shape, to whole pixels."""
    scale = min(image.width / width, image.height / height)
    wide, high = max(1, round(scale * width)), max(1, round(scale * height))
    left, top = (image.width - wide) // 2, (image.height - high) // 2
    return left, top, left + wide, top + high


def resized_arrays(
    name: str, images: npt.NDArray[Any], size: tuple[int, int], method: Resize
) -> npt.NDArray[Any]:
    """Images [n, h, w, c] uint8 in another size (height, width); those that fit stay as they are.

    Raises `DataError` for anything but uint8: only of pixels is it known what lies between them.
    """
    if images.ndim != 4 or images.shape[1:3] == size or not images.size:
        return images
    if images.dtype != np.uint8:
        raise DataError(
            f"{name}: images are {images.dtype}, only uint8 images are resized",
            hint="Resize them before they are saved.",
        )
    made = np.empty((len(images), *size, images.shape[3]), np.uint8)
    for image, target in zip(images, made, strict=True):
        for channel in range(images.shape[3]):
            pixels = Image.fromarray(np.ascontiguousarray(image[..., channel]))
            target[..., channel] = np.asarray(resized(pixels, *size, method))
    return made
