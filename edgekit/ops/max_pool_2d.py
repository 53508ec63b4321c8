"""MAX_POOL_2D: the largest value of a window of [1, h, w, ch] int8."""

from __future__ import annotations

from edgekit.ops.pool import Pool2D


class MaxPool2D(Pool2D):
    """The op."""

    name = "MAX_POOL_2D"
    kernel = "ek_max_pool_2d_s8.h"
    outside = -128


OPERATOR = MaxPool2D()
