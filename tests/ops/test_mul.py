from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.elementwise import Case, cases, kernel_of
from support.kernels import run_operation
from support.models import ModelBuilder, Value, constant
from support.oracle import tflm_outputs
from support.single_op import ACTIVATION, assert_equals_tflm, inputs_for, refusal

from edgekit.ops import operators
from edgekit.tflite import read_graph


def mul(activation: int = 0) -> Any:
    options = schema.MulOptionsT()
    options.fusedActivationFunction = activation
    return options


@settings(max_examples=100)
@given(cases(), ACTIVATION, st.integers(0, 1 << 20))
def test_bytes_equal_tflm(case: Case, activation: int, seed: int) -> None:
    assert_equals_tflm("MUL", case.inputs, case.output, mul(activation), seed=seed)


@pytest.mark.parametrize("output_scale", [2.0**-13, 2.0**-6, 1.0, 2.0**3, 2.0**12])
def test_every_product_equals_tflm(output_scale: float) -> None:
    """All distances from zero on one side, noise and extremes on the other; every kind of shift."""
    bytes_ = np.arange(-128, 128, dtype=np.int8).reshape(1, 256, 1)
    column, row = constant(bytes_, scale=0.9, zero_point=3), Value((1, 1, 40), 0.7, -128)
    output = Value((1, 256, 40), output_scale, 9)
    for kernels in ("", "mve"):
        assert_equals_tflm("MUL", [column, row], output, mul(), kernels=kernels)


def test_a_gate_per_channel_equals_tflm() -> None:
    """Squeeze and excite: [1, h, w, ch] times [1, 1, 1, ch]."""
    image, gate = Value((1, 9, 7, 24), 0.05, -12), Value((1, 1, 1, 24), 1 / 256, -128)
    assert_equals_tflm("MUL", [image, gate], Value((1, 9, 7, 24), 0.04, -20), mul())
    assert_equals_tflm("MUL", [gate, image], Value((1, 9, 7, 24), 0.04, -20), mul())


def test_a_factor_for_all_is_a_table() -> None:
    sixth = constant(np.array(127, np.int8), scale=1 / 6 / 127)
    image = Value((1, 5, 4, 3), 0.05, -12)
    case = Case([image, sixth], Value(image.shape, 0.01, -128))
    assert kernel_of("MUL", case, mul()) == "ek_lookup_s8"
    assert_equals_tflm("MUL", case.inputs, case.output, mul(3))


def test_a_square_is_a_table() -> None:
    """Both inputs are the same tensor."""
    image, target = Value((1, 256, 3), 0.05, -12), Value((1, 256, 3), 0.02, -100)
    builder = ModelBuilder()
    numbers = builder.tensor(image), builder.tensor(target)
    builder.op("MUL", [numbers[0], numbers[0]], [numbers[1]], mul())
    model = builder.finish(numbers[:1], numbers[1:])
    graph = read_graph(model, "square")
    (operation,) = graph.operations
    assert operators()["MUL"].calls(graph, operation)[0].function == "ek_lookup_s8"
    for x in inputs_for(image.shape, 0):
        found = run_operation(graph, operation, {operation.inputs[0]: x})
        expected = tflm_outputs(model, x[np.newaxis])
        np.testing.assert_array_equal(found.ravel(), expected.ravel())


def test_a_factor_that_is_too_large_is_refused() -> None:
    inputs = [Value((1, 4), 0.5), Value((1, 4), 0.5)]
    message = refusal("MUL", inputs, Value((1, 4), 2.0**-16), mul())
    assert message == "Its scales give a factor, input * input / output, below 2^14."
    assert refusal("MUL", inputs, Value((1, 4), 2.0**-15), mul()) is None


def test_other_activations_are_refused() -> None:
    inputs = [Value((1, 4), 0.1), Value((1, 4), 0.5)]
    message = refusal("MUL", inputs, Value((1, 4), 0.5), mul(4))
    assert message == "Its fused activation is NONE, RELU, RELU_N1_TO_1 or RELU6."
