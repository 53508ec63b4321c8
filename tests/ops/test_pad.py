from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.single_op import EXTENT, SCALE, ZERO_POINT, assert_equals_tflm, refusal

CELLS = st.integers(0, 3)
AXIS = st.tuples(EXTENT, CELLS, CELLS) | st.tuples(EXTENT, st.just(0), st.just(0))


def paddings(*pairs: tuple[int, int]) -> Value:
    return constant(np.array(pairs, np.int32))


def pad(source: Value, *pairs: tuple[int, int]) -> tuple[list[Value], Value]:
    shape = tuple(
        before + extent + after for extent, (before, after) in zip(source.shape, pairs, strict=True)
    )
    return [source, paddings(*pairs)], Value(shape, source.scale, source.zero_point)


@settings(max_examples=100)
@given(st.lists(AXIS, min_size=1, max_size=3), st.booleans(), SCALE, ZERO_POINT)
def test_bytes_equal_tflm(
    axes: list[tuple[int, int, int]], batched: bool, scale: float, zero_point: int
) -> None:
    axes = [(1, 0, 0), *axes] if batched else [(1, *axes[0][1:]), *axes[1:]]
    source = Value(tuple(axis[0] for axis in axes), scale, zero_point)
    inputs, output = pad(source, *(axis[1:] for axis in axes))
    assert_equals_tflm("PAD", inputs, output, schema.PadOptionsT())


def test_a_padded_batch_is_refused() -> None:
    source = Value((1, 4, 4, 2), 0.1, 3)
    message = refusal("PAD", *pad(source, (0, 1), (1, 1), (1, 1), (0, 0)))
    assert "the first of four is not padded" in (message or "")


def test_negative_paddings_are_refused() -> None:
    source = Value((1, 4, 4, 2), 0.1, 3)
    message = refusal("PAD", *pad(source, (0, 0), (-1, 1), (1, 1), (0, 0)))
    assert message == "Its paddings are constant int32 [rank, 2], none negative."


def test_paddings_that_are_not_known_now_are_refused() -> None:
    source = Value((1, 4, 4, 2), 0.1, 3)
    message = refusal("PAD", [source, Value((4, 2), dtype="int32")], source)
    assert "Its paddings are constant" in (message or "")


def test_a_change_of_scale_is_refused() -> None:
    inputs, output = pad(Value((1, 4, 4, 2), 0.1, 3), (0, 0), (1, 1), (1, 1), (0, 0))
    message = refusal("PAD", inputs, Value(output.shape, 0.2, 3))
    assert message == "Its output has the scale and the zero point of its first input."


def test_an_output_of_another_size_is_refused() -> None:
    inputs, output = pad(Value((1, 4, 4, 2), 0.1, 3), (0, 0), (1, 1), (1, 1), (0, 0))
    message = refusal("PAD", inputs, Value((1, 6, 5, 2), output.scale, 3))
    assert "the size that the paddings give" in (message or "")
