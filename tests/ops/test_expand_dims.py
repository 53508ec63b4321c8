from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support import between_sums
from support.models import Value, constant
from support.shapes import axes, shapes
from support.single_op import refusal

from edgekit.ops import operators

SOURCE, TARGET = Value((1, 6), 0.1, 3), Value((1, 1, 6), 0.1, 3)
INPUTS = [SOURCE, constant(np.array(1, np.int32))]


def test_it_costs_nothing_at_run_time() -> None:
    assert operators()["EXPAND_DIMS"].kernel is None
    assert refusal("EXPAND_DIMS", INPUTS, TARGET) is None


@settings(max_examples=20, deadline=None)
@given(st.data(), shapes(most=3), between_sums.quantizations, st.booleans())
def test_bytes_between_sums_equal_tflm(
    data: Any, shape: tuple[int, ...], kinds: list[tuple[float, int]], scalar: bool
) -> None:
    axis = data.draw(axes(len(shape) + 1))
    after = list(shape)
    after.insert(axis % (len(shape) + 1), 1)
    place = constant(np.array(axis if scalar else [axis], np.int32))
    options = schema.ExpandDimsOptionsT()
    between_sums.assert_equals_tflm("EXPAND_DIMS", (shape, after), kinds, [place], options)


def test_another_number_of_values_is_refused() -> None:
    message = refusal("EXPAND_DIMS", INPUTS, Value((1, 7), 0.1, 3))
    assert message == "Its input is not constant, and its output has as many values."


def test_a_constant_input_is_refused() -> None:
    inputs = [
        constant(np.zeros((1, 6), np.int8), scale=0.1, zero_point=3),
        constant(np.array(1, np.int32)),
    ]
    message = refusal("EXPAND_DIMS", inputs, TARGET)
    assert message == "Its input is not constant, and its output has as many values."
