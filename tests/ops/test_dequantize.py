from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from support.graphs import single_op_graph
from support.kernels import run_calls
from support.lookups import EVERY_BYTE, SCALE, SHAPE
from support.models import Value, single_op
from support.oracle import tflm_outputs
from support.single_op import ZERO_POINT, refusal

from edgekit.ops import operators

SOURCE = Value((1, 4, 4), 0.1, 3)
REAL = Value((1, 4, 4), None, dtype="float32")


@settings(max_examples=100)
@given(SCALE, ZERO_POINT)
def test_every_byte_becomes_the_float_of_tflm(scale: float, zero_point: int) -> None:
    source, target = Value(SHAPE, scale, zero_point), Value(SHAPE, None, dtype="float32")
    graph, operation = single_op_graph("DEQUANTIZE", [source], target)
    calls = operators()["DEQUANTIZE"].calls(graph, operation)
    blank = np.zeros(EVERY_BYTE.size * 4, np.int8)
    found = run_calls(calls, {0: EVERY_BYTE, 1: blank})[1].view(np.float32)
    model = single_op("DEQUANTIZE", [source], target)
    expected = tflm_outputs(model, EVERY_BYTE[None]).ravel()
    assert expected.dtype == np.float32
    assert found.tobytes() == expected.tobytes()


def test_other_types_are_refused() -> None:
    for source, target in (
        (dataclasses.replace(SOURCE, dtype="uint8"), REAL),
        (dataclasses.replace(SOURCE, scale=None), REAL),
        (SOURCE, dataclasses.replace(REAL, dtype="int16")),
        (SOURCE, dataclasses.replace(REAL, shape=(1, 16))),
    ):
        assert "its output is float32" in (refusal("DEQUANTIZE", [source], target) or "")
