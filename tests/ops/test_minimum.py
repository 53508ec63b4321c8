from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.elementwise import Case, cases, kernel_of
from support.models import Value, constant
from support.single_op import assert_equals_tflm, refusal

OPTIONS = schema.MaximumMinimumOptionsT()


@settings(max_examples=100)
@given(cases(one_quantization=True), st.integers(0, 1 << 20))
def test_bytes_equal_tflm(case: Case, seed: int) -> None:
    assert_equals_tflm("MINIMUM", case.inputs, case.output, OPTIONS, seed=seed)


def test_a_bound_for_all_is_a_table() -> None:
    bound = constant(np.array([[[[17]]]], np.int8), scale=0.1, zero_point=-128)
    image = Value((1, 5, 4, 3), 0.1, -128)
    for inputs in ([image, bound], [bound, image]):
        case = Case(inputs, image)
        assert kernel_of("MINIMUM", case, OPTIONS) == "ek_lookup_s8"
        assert_equals_tflm("MINIMUM", case.inputs, case.output, OPTIONS)


def test_other_scales_and_zero_points_are_refused() -> None:
    same = Value((1, 4), 0.1, 3)
    for other in (Value((1, 4), 0.2, 3), Value((1, 4), 0.1, 4)):
        for ends in ([other, same, same], [same, other, same], [same, same, other]):
            message = refusal("MINIMUM", ends[:2], ends[2], OPTIONS)
            assert message == (
                "Both of its inputs and its output have the same scale and zero point."
            )


def test_options_may_be_left_out() -> None:
    """They are empty, and TensorFlow's converter writes none for a clamp of Keras."""
    same = Value((1, 4), 0.1, 3)
    assert_equals_tflm("MINIMUM", [same, same], same, None)
