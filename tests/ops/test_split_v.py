from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.shapes import LENGTH, axes, tensors
from support.single_op import assert_equals_tflm, refusal


def into(count: int) -> Any:
    return schema.SplitVOptionsT(numSplits=count)


def split(
    part: Value, axis: int, lengths: Sequence[int], sizes: Sequence[int] | None = None
) -> tuple[list[Value], list[Value]]:
    """Data, sizes and axis, and the outputs, each like the part but for its length."""
    outputs = []
    for length in (*lengths, sum(lengths)):
        shape = list(part.shape)
        shape[axis] = length
        outputs.append(dataclasses.replace(part, shape=tuple(shape)))
    given_sizes = constant(np.array(lengths if sizes is None else sizes, np.int32))
    return [outputs[-1], given_sizes, constant(np.array(axis, np.int32))], outputs[:-1]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Value], list[Value]]:
    part = draw(tensors(most=5))
    lengths = draw(st.lists(LENGTH, min_size=1, max_size=5))
    sizes = list(lengths)
    if draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    return split(part, draw(axes(len(part.shape))), lengths, sizes)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_bytes_equal_tflm(case: tuple[list[Value], list[Value]]) -> None:
    inputs, outputs = case
    assert_equals_tflm("SPLIT_V", inputs, outputs, into(len(outputs)))


def test_outputs_that_do_not_add_up_are_refused() -> None:
    inputs, outputs = split(Value((1, 2, 3), 0.1, 3), 2, [3, 4])
    longer = Value((1, 2, 8), 0.1, 3)
    message = refusal("SPLIT_V", [longer, *inputs[1:]], outputs, into(2))
    assert "where their extents add up" in (message or "")


def test_an_axis_that_is_not_there_is_refused() -> None:
    inputs, outputs = split(Value((1, 2, 3), 0.1, 3), 2, [3, 4])
    axis = constant(np.array(3, np.int32))
    message = refusal("SPLIT_V", [*inputs[:2], axis], outputs, into(2))
    assert "Its axis is one constant that exists in its input" in (message or "")
