"""AVERAGE_POOL_2D: the mean over a window of [1, h, w, ch] int8."""

from __future__ import annotations

from edgekit.ops.pool import Pool2D


class AveragePool2D(Pool2D):
    """The op."""

    name = "AVERAGE_POOL_2D"
    kernel = "ek_average_pool_2d_s8.h"


OPERATOR = AveragePool2D()
