from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.oracle import litert_outputs
from support.shapes import axes, tensors
from support.single_op import assert_equals_tflm, refusal

SOURCE = Value((2, 3, 4), 0.1, 3)


def along(axis: int, batch_dims: int = 0) -> Any:
    return schema.GatherOptionsT(axis=axis, batchDims=batch_dims)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Value], Value, Any]:
    """Indices of up to two axes besides those of the batch."""
    source = draw(tensors())
    shape = source.shape
    axis = draw(axes(len(shape)))
    place = axis % len(shape)
    batch = draw(st.integers(0, place))
    chosen = (*shape[:batch], *draw(st.lists(st.integers(1, 4), max_size=2)))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 20)))
    indices = constant(rng.integers(0, shape[place], chosen, np.int32))
    output = (*shape[:place], *chosen[batch:], *shape[place + 1 :])
    from_end = batch > 0 and draw(st.booleans()) and len(chosen) > batch
    options = along(axis, batch - len(chosen) if from_end else batch)
    return [source, indices], dataclasses.replace(source, shape=output), options


@settings(max_examples=120, deadline=None)
@given(cases())
def test_bytes_equal_tflm(case: tuple[list[Value], Value, Any]) -> None:
    inputs, output, options = case
    assert_equals_tflm("GATHER", inputs, output, options)


def test_long_indices_equal_litert() -> None:
    """TFLM takes int32 only."""
    inputs = [SOURCE, constant(np.array([2, 0, 2, 1], np.int64))]
    output = Value((2, 4, 4), 0.1, 3)
    assert_equals_tflm("GATHER", inputs, output, along(1), oracle=litert_outputs)


@pytest.mark.parametrize("indices", [[0, 3], [-1, 0], [0, 1, 2]])
def test_indices_that_are_not_there_are_refused(indices: list[int]) -> None:
    inputs = [SOURCE, constant(np.array(indices, np.int32))]
    message = refusal("GATHER", inputs, Value((2, 2, 4), 0.1, 3), along(1))
    assert "Its indices are constant and exist in its input" in (message or "")


def test_indices_that_are_not_known_are_refused() -> None:
    inputs = [SOURCE, Value((2,), dtype="int32")]
    message = refusal("GATHER", inputs, Value((2, 2, 4), 0.1, 3), along(1))
    assert "Its indices are constant" in (message or "")


def test_axes_that_are_not_there_are_refused() -> None:
    inputs = [SOURCE, constant(np.array([[0, 1], [1, 1]], np.int32))]
    for axis, batch in ((3, 0), (-4, 0), (1, 2), (2, 2), (1, -3)):
        message = refusal("GATHER", inputs, Value((2, 2, 4), 0.1, 3), along(axis, batch))
        assert "Its axis exists in its input" in (message or "")
