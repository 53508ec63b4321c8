from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support import between_sums
from support.models import Value, constant
from support.shapes import shapes
from support.single_op import refusal

from edgekit.ops import operators

SOURCE, TARGET = Value((1, 1, 6), 0.1, 3), Value((1, 6), 0.1, 3)
INPUTS = [SOURCE]


def test_it_costs_nothing_at_run_time() -> None:
    assert operators()["SQUEEZE"].kernel is None
    assert refusal("SQUEEZE", INPUTS, TARGET) is None


@settings(max_examples=20, deadline=None)
@given(st.data(), shapes(most=3), between_sums.quantizations)
def test_bytes_between_sums_equal_tflm(
    data: Any, kept: tuple[int, ...], kinds: list[tuple[float, int]]
) -> None:
    """None named takes out all axes of 1."""
    before, places = list(kept), []
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.integers(0, len(before)))
        places = [place, *(axis + (axis >= place) for axis in places)]
        before.insert(place, 1)
    if 1 not in kept and data.draw(st.booleans()):
        named = []
    else:
        named = [axis - data.draw(st.sampled_from([0, len(before)])) for axis in places]
    options = schema.SqueezeOptionsT(squeezeDims=named)
    between_sums.assert_equals_tflm("SQUEEZE", (before, kept), kinds, options=options)


def test_another_number_of_values_is_refused() -> None:
    message = refusal("SQUEEZE", INPUTS, Value((1, 7), 0.1, 3))
    assert message == "Its input is not constant, and its output has as many values."


def test_a_constant_input_is_refused() -> None:
    inputs = [constant(np.zeros((1, 1, 6), np.int8), scale=0.1, zero_point=3)]
    message = refusal("SQUEEZE", inputs, TARGET)
    assert message == "Its input is not constant, and its output has as many values."
