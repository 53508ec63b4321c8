"""Draws for ops that move a window over an image."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import strategies as st

from support.models import Value, constant, single_op
from support.single_op import ACTIVATION, EXTENT, SCALE, ZERO_POINT

SAME, VALID = schema.Padding.SAME, schema.Padding.VALID


def pool(
    window: tuple[int, int], stride: tuple[int, int], padding: int = VALID, activation: int = 0
) -> Any:
    """The options of a pool."""
    options = schema.Pool2DOptionsT()
    options.filterHeight, options.filterWidth = window
    options.strideH, options.strideW = stride
    options.padding, options.fusedActivationFunction = padding, activation
    return options


@st.composite
def pools(draw: st.DrawFn) -> tuple[Value, Value, Any]:
    """An image, what its pool gives, and the pool's options."""
    padding = draw(st.sampled_from([SAME, VALID]))
    extents, windows, strides, outputs = [], [], [], []
    for _ in range(2):
        extent, stride = draw(st.integers(1, 9)), draw(st.integers(1, 4))
        # A window may be larger than a padded image.
        window = draw(st.integers(1, extent if padding == VALID else extent + 3))
        reach = extent if padding == SAME else extent - window + 1
        extents.append(extent)
        windows.append(window)
        strides.append(stride)
        outputs.append(-(-reach // stride))
    source = Value((1, *extents, draw(EXTENT)), draw(SCALE), draw(ZERO_POINT))
    target = dataclasses.replace(source, shape=(1, *outputs, source.shape[3]))
    return source, target, pool(tuple(windows), tuple(strides), padding, draw(ACTIVATION))


@st.composite
def wide_pool(draw: st.DrawFn) -> bytes:
    """AVERAGE_POOL_2D or MAX_POOL_2D of more channels than a vector holds, or fewer."""
    source, target, options = draw(pools())
    channels = draw(st.integers(1, 37))
    ends = [dataclasses.replace(end, shape=(*end.shape[:3], channels)) for end in (source, target)]
    op = draw(st.sampled_from(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
    return single_op(op, [ends[0]], ends[1], options)


@st.composite
def global_pool(draw: st.DrawFn) -> bytes:
    """AVERAGE_POOL_2D or MEAN of a whole image, of more cells than int16 sums hold, or fewer."""
    h, w, channels = draw(st.integers(1, 20)), draw(st.integers(1, 20)), draw(st.integers(1, 11))
    source = Value((1, h, w, channels), draw(SCALE), draw(ZERO_POINT))
    target = dataclasses.replace(source, shape=(1, 1, 1, channels))
    if draw(st.booleans()):
        return single_op("AVERAGE_POOL_2D", [source], target, pool((h, w), (1, 1)))
    target = dataclasses.replace(target, scale=draw(SCALE), zero_point=draw(ZERO_POINT))
    axes = constant(np.array([1, 2], np.int32))
    return single_op("MEAN", [source, axes], target, schema.ReducerOptionsT(keepDims=True))
