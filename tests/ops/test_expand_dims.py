from __future__ import annotations

import numpy as np
from support.models import Value, constant
from support.single_op import refusal

from edgekit.ops import operators

SOURCE, TARGET = Value((1, 6), 0.1, 3), Value((1, 1, 6), 0.1, 3)
INPUTS = [SOURCE, constant(np.array(1, np.int32))]


def test_it_costs_nothing_at_run_time() -> None:
    assert operators()["EXPAND_DIMS"].kernel is None
    assert refusal("EXPAND_DIMS", INPUTS, TARGET) is None


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
