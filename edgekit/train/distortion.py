"""Small random changes that leave an image what it is: mirrored, shifted, turned, zoomed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.train.settings import Settings

Transforms = npt.NDArray[np.float32]


def draw(
    count: int, size: tuple[int, int], settings: Settings, random: np.random.Generator
) -> Transforms:
    """Projective transforms [count, 8] for images of `size` (height, width).

    Row (a b c d e f 0 0) takes the pixel at output (x, y) from input (ax + by + c, dx + ey + f).
    """
    height, width = size
    angle = 2 * np.pi * settings.rotate * random.uniform(-1, 1, count)
    scale = 1 + settings.zoom * random.uniform(-1, 1, count)
    mirror = np.where(random.random(count) < 0.5, -1, 1) if settings.flip else np.ones(count)
    a, b = mirror * scale * np.cos(angle), -scale * np.sin(angle)
    d, e = mirror * scale * np.sin(angle), scale * np.cos(angle)
    # Whole pixels: a shift alone then moves the image without blurring it.
    right = np.round(settings.shift * width * random.uniform(-1, 1, count))
    down = np.round(settings.shift * height * random.uniform(-1, 1, count))
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    c = middle_x + right - (a * middle_x + b * middle_y)
    f = middle_y + down - (d * middle_x + e * middle_y)
    zero = np.zeros(count)
    return np.stack([a, b, c, d, e, f, zero, zero], axis=1).astype(np.float32)


def distort(tf: Any, images: Any, transforms: Any, fill: str, black: float) -> Any:
    """Images [n, h, w, c] float32 under transforms [n, 8], bilinear, in TensorFlow."""
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=tf.shape(images)[1:3],
        fill_value=black,
        interpolation="BILINEAR",
        fill_mode="NEAREST" if fill == "nearest" else "CONSTANT",
    )
