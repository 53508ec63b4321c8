from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.shapes import tensors
from support.single_op import assert_equals_tflm, refusal

FITS = "Its permutation is constant and names each axis of its input once"


def permutation(order: Sequence[int]) -> Value:
    return constant(np.array(order, np.int32))


def transposed(source: Value, order: Sequence[int]) -> Value:
    return dataclasses.replace(source, shape=tuple(source.shape[axis] for axis in order))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Value, list[int]]:
    source = draw(tensors(most=5))
    return source, draw(st.permutations(range(len(source.shape))))


@settings(max_examples=120, deadline=None)
@given(cases())
def test_bytes_equal_tflm(case: tuple[Value, list[int]]) -> None:
    source, order = case
    inputs = [source, permutation(order)]
    assert_equals_tflm("TRANSPOSE", inputs, transposed(source, order), schema.TransposeOptionsT())


def test_a_channel_shuffle_equals_tflm() -> None:
    source = Value((1, 3, 5, 4, 6), 0.1, 3)
    inputs = [source, permutation([0, 1, 2, 4, 3])]
    assert_equals_tflm("TRANSPOSE", inputs, Value((1, 3, 5, 6, 4), 0.1, 3))


def test_orders_that_are_none_are_refused() -> None:
    source = Value((2, 3, 4), 0.1, 3)
    for order in ([0, 1], [0, 1, 1], [0, 1, 3], [0, 1, -1]):
        message = refusal("TRANSPOSE", [source, permutation(order)], source)
        assert FITS in (message or "")


def test_an_order_that_is_not_known_is_refused() -> None:
    source = Value((2, 3, 4), 0.1, 3)
    message = refusal("TRANSPOSE", [source, Value((3,), dtype="int32")], source)
    assert FITS in (message or "")


def test_an_output_of_another_shape_is_refused() -> None:
    source = Value((2, 3, 4), 0.1, 3)
    message = refusal("TRANSPOSE", [source, permutation([2, 1, 0])], source)
    assert FITS in (message or "")


def test_six_axes_are_refused() -> None:
    source = Value((1, 2, 1, 2, 1, 2), 0.1, 3)
    message = refusal("TRANSPOSE", [source, permutation(range(6))], source)
    assert message == "Its input has at most five dimensions."
