from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.shapes import tensors
from support.single_op import assert_equals_tflm, refusal

SOURCE = Value((2, 3, 4), 0.1, 3)


def taken(
    source: Value, begins: Sequence[int], sizes: Sequence[int], dtype: str = "int32"
) -> list[Value]:
    return [source, *(constant(np.array(values, dtype)) for values in (begins, sizes))]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Value], Value]:
    source = draw(tensors(most=5))
    begins, sizes, shape = [], [], []
    for extent in source.shape:
        begins.append(draw(st.integers(0, extent - 1)))
        shape.append(draw(st.integers(1, extent - begins[-1])))
        to_the_end = begins[-1] + shape[-1] == extent
        sizes.append(-1 if to_the_end and draw(st.booleans()) else shape[-1])
    inputs = taken(source, begins, sizes, draw(st.sampled_from(["int32", "int64"])))
    return inputs, dataclasses.replace(source, shape=tuple(shape))


@settings(max_examples=120, deadline=None)
@given(cases())
def test_bytes_equal_tflm(case: tuple[list[Value], Value]) -> None:
    inputs, output = case
    assert_equals_tflm("SLICE", inputs, output, schema.SliceOptionsT())


@pytest.mark.parametrize(
    ("begins", "sizes"),
    [
        ([0, 0, 0], [2, 2, 5]), ([0, 2, 0], [2, 2, 4]), ([0, -1, 0], [2, 2, 4]),
        ([0, 0, 0], [2, -2, 4]), ([0, 0], [2, 2]), ([0, 0, 0], [2, 3, 4]),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(begins: list[int], sizes: list[int]) -> None:
    message = refusal("SLICE", taken(SOURCE, begins, sizes), Value((2, 2, 4), 0.1, 3))
    assert "lie within its input" in (message or "")


def test_begins_that_are_not_known_are_refused() -> None:
    inputs = [SOURCE, Value((3,), dtype="int32"), constant(np.array([2, 3, 4], np.int32))]
    assert "Its begins and sizes are constant" in (refusal("SLICE", inputs, SOURCE) or "")


def test_six_axes_are_refused() -> None:
    source = Value((1, 2, 1, 2, 1, 2), 0.1, 3)
    message = refusal("SLICE", taken(source, [0] * 6, [-1] * 6), source)
    assert message == "Its input has at most five dimensions."
