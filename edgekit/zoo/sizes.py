"""Sizes that follow from metaparameters: the image, and widths that hardware likes."""

from __future__ import annotations

import math

from edgekit.errors import InputError

Resolution = int | str
"""Height and width: 96 for both, or "49x10" for height 49 and width 10."""


def image(resolution: Resolution, channels: int) -> tuple[int, int, int]:
    """The shape (h, w, c) of an input image. Raises `InputError` when it is not one."""
    height, cross, width = str(resolution).partition("x")
    try:
        shape = (int(height), int(width if cross else height), channels)
    except ValueError:
        shape = (0, 0, 0)
    if min(shape) < 1:
        raise InputError(
            f"no image has resolution {resolution} and {channels} channels",
            hint="Write a resolution as 96, or as 49x10 for height 49 and width 10.",
        )
    return shape


def divisible(width: float, by: int = 8) -> int:
    """The width as the MobileNets round it: to the nearest multiple, but not down by over 10 %.

    Raises `InputError` for a width that is not positive.
    """
    rounded = multiple(width, by)
    return rounded + by if rounded < 0.9 * width else rounded


def multiple(width: float, of: int) -> int:
    """The nearest multiple of `of`, at least one of it; half way is rounded up.

    Raises `InputError` for a width that is not positive.
    """
    if not 0 < width < math.inf:
        raise InputError(f"a layer cannot be {width:g} channels wide")
    return max(1, math.floor(width / of + 0.5)) * of
