from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.single_op import EXTENT, SCALE, ZERO_POINT, assert_equals_tflm, refusal

CELLS = st.integers(0, 3)
AXIS = st.tuples(EXTENT, CELLS, CELLS)
SOURCE = Value((1, 4, 4, 2), 0.1, 3)
PAIRS = ((0, 0), (1, 1), (1, 1), (0, 0))


def padded(
    source: Value, pairs: tuple[tuple[int, int], ...], value: int
) -> tuple[list[Value], Value]:
    shape = tuple(sum(cells) for cells in zip(source.shape, *zip(*pairs, strict=True), strict=True))
    quantization = {"scale": source.scale, "zero_point": source.zero_point}
    fill = constant(np.array(value, np.int8), **quantization)
    inputs = [source, constant(np.array(pairs, np.int32)), fill]
    return inputs, Value(shape, source.scale, source.zero_point)


@settings(max_examples=80, deadline=None)
@given(st.lists(AXIS, min_size=1, max_size=3), st.integers(-128, 127), SCALE, ZERO_POINT)
def test_bytes_equal_tflm(
    axes: list[tuple[int, int, int]], value: int, scale: float, zero_point: int
) -> None:
    source = Value(tuple(axis[0] for axis in axes), scale, zero_point)
    inputs, output = padded(source, tuple(axis[1:] for axis in axes), value)
    assert_equals_tflm("PADV2", inputs, output, schema.PadV2OptionsT())


def test_a_value_of_another_scale_or_number_is_refused() -> None:
    inputs, output = padded(SOURCE, PAIRS, 5)
    for fill in (
        constant(np.array(5, np.int8), scale=0.2, zero_point=3),
        constant(np.array(5, np.int8), scale=0.1, zero_point=4),
        constant(np.array([5, 5], np.int8), scale=0.1, zero_point=3),
        constant(np.array(5, np.int32)),
        Value((), 0.1, 3),
    ):
        message = refusal("PADV2", [*inputs[:2], fill], output)
        assert message == "Its value is one constant int8 of its output's scale and zero point."


def test_a_padded_batch_is_refused() -> None:
    message = refusal("PADV2", *padded(SOURCE, ((0, 1), *PAIRS[1:]), 5))
    assert "the first of four is not padded" in (message or "")
