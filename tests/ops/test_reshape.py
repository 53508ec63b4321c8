from __future__ import annotations

import numpy as np
from support.models import Value, constant
from support.single_op import refusal

from edgekit.ops import operators

SHAPE = constant(np.array([1, 24], np.int32))


def test_it_costs_nothing_at_run_time() -> None:
    assert operators()["RESHAPE"].kernel is None


def test_the_shape_may_be_given_or_not() -> None:
    source, target = Value((1, 2, 3, 4), 0.1, 3), Value((1, 24), 0.1, 3)
    assert refusal("RESHAPE", [source, SHAPE], target) is None
    assert refusal("RESHAPE", [source], target) is None


def test_another_number_of_values_is_refused() -> None:
    source, target = Value((1, 2, 3, 4), 0.1, 3), Value((1, 23), 0.1, 3)
    message = refusal("RESHAPE", [source, SHAPE], target)
    assert message == "Its input is not constant, and its output has as many values."


def test_a_constant_input_is_refused() -> None:
    source = constant(np.zeros((1, 24), np.int8), scale=0.1)
    message = refusal("RESHAPE", [source, SHAPE], Value((1, 2, 12), 0.1))
    assert message == "Its input is not constant, and its output has as many values."
