from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.shapes import LENGTH
from support.single_op import SCALE, ZERO_POINT, assert_equals_tflm, refusal

from edgekit.ops.resize_nearest_neighbor import nearest
from edgekit.ops.resizing import ResizeAttributes

SIDE = st.integers(1, 14)


def grid(align_corners: bool, half_pixel_centers: bool) -> Any:
    return schema.ResizeNearestNeighborOptionsT(
        alignCorners=align_corners, halfPixelCenters=half_pixel_centers
    )


def resized(source: Value, height: int, width: int) -> tuple[list[Value], Value]:
    size = constant(np.array([height, width], np.int32))
    shape = (1, height, width, source.shape[3])
    return [source, size], dataclasses.replace(source, shape=shape)


@settings(max_examples=100, deadline=None)
@given(SIDE, SIDE, SIDE, SIDE, LENGTH, SCALE, ZERO_POINT, st.booleans(), st.booleans())
def test_bytes_equal_tflm(
    in_h: int,
    in_w: int,
    out_h: int,
    out_w: int,
    ch: int,
    scale: float,
    zero_point: int,
    align_corners: bool,
    half_pixel_centers: bool,
) -> None:
    inputs, output = resized(Value((1, in_h, in_w, ch), scale, zero_point), out_h, out_w)
    options = grid(align_corners, half_pixel_centers)
    assert_equals_tflm("RESIZE_NEAREST_NEIGHBOR", inputs, output, options)


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("half_pixel_centers", [False, True])
def test_every_place_of_long_axes_equals_tflm(
    align_corners: bool, half_pixel_centers: bool
) -> None:
    """Where the float32 product of place and scale lies beside a whole number."""
    for source, target in ((55, 165), (165, 55), (98, 49), (7, 224), (103, 77)):
        inputs, output = resized(Value((1, source, 1, 1), 0.1, 3), target, 1)
        options = grid(align_corners, half_pixel_centers)
        assert_equals_tflm("RESIZE_NEAREST_NEIGHBOR", inputs, output, options)


def test_double_size_repeats_every_place() -> None:
    found = nearest(3, 6, ResizeAttributes(align_corners=False, half_pixel_centers=True))
    assert found.tolist() == [0, 0, 1, 1, 2, 2]


def test_a_size_that_is_not_the_outputs_is_refused() -> None:
    inputs, output = resized(Value((1, 3, 4, 2), 0.1, 3), 6, 8)
    for size, shape in (
        (Value((2,), dtype="int32"), output.shape),
        (inputs[1], (1, 8, 6, 2)),
        (inputs[1], (1, 6, 8, 3)),
    ):
        message = refusal(
            "RESIZE_NEAREST_NEIGHBOR",
            [inputs[0], size],
            dataclasses.replace(output, shape=shape),
            grid(False, False),
        )
        assert "Its size is constant, [height, width]" in (message or "")
