from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.single_op import EXTENT, SCALE, ZERO_POINT, assert_equals_tflm, refusal

SIDE = st.integers(1, 14)
CORNERS, CENTERS = (True, False), (False, True)


def grid(align_corners: bool, half_pixel_centers: bool) -> Any:
    return schema.ResizeBilinearOptionsT(
        alignCorners=align_corners, halfPixelCenters=half_pixel_centers
    )


def resized(source: Value, height: int, width: int) -> tuple[list[Value], Value]:
    size = constant(np.array([height, width], np.int32))
    shape = (1, height, width, source.shape[3])
    return [source, size], dataclasses.replace(source, shape=shape)


@settings(max_examples=100, deadline=None)
@given(
    SIDE, SIDE, SIDE, SIDE, EXTENT, SCALE, ZERO_POINT,
    st.sampled_from([CORNERS, CENTERS, (False, False)]), st.integers(0, 1 << 20),
)  # fmt: skip
def test_bytes_equal_tflm(
    in_h: int,
    in_w: int,
    out_h: int,
    out_w: int,
    ch: int,
    scale: float,
    zero_point: int,
    rule: tuple[bool, bool],
    seed: int,
) -> None:
    inputs, output = resized(Value((1, in_h, in_w, ch), scale, zero_point), out_h, out_w)
    assert_equals_tflm("RESIZE_BILINEAR", inputs, output, grid(*rule), seed=seed)


def test_long_axes_equal_tflm() -> None:
    for rule in (CORNERS, CENTERS, (False, False)):
        inputs, output = resized(Value((1, 55, 31, 2), 0.1, 3), 165, 49)
        assert_equals_tflm("RESIZE_BILINEAR", inputs, output, grid(*rule))


def test_steps_that_leave_the_image_are_refused() -> None:
    """1024 * 5 / 1364 is 3.75, which becomes 4: after 1280 steps the image ends."""
    inputs, output = resized(Value((1, 2, 5, 1), 0.1, 3), 2, 1364)
    message = refusal("RESIZE_BILINEAR", inputs, output, grid(False, False))
    assert "end outside of the image" in (message or "")


def test_both_rules_at_once_are_refused() -> None:
    inputs, output = resized(Value((1, 2, 5, 1), 0.1, 3), 4, 10)
    message = refusal("RESIZE_BILINEAR", inputs, output, grid(True, True))
    assert message == "It does not have both align_corners and half_pixel_centers."


def test_a_size_that_is_not_the_outputs_is_refused() -> None:
    inputs, output = resized(Value((1, 3, 4, 2), 0.1, 3), 6, 8)
    wrong = dataclasses.replace(output, shape=(1, 8, 6, 2))
    message = refusal("RESIZE_BILINEAR", inputs, wrong, grid(False, False))
    assert "Its size is constant, [height, width]" in (message or "")
