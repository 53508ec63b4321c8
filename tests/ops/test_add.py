from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.convolutions import KERNELS
from support.elementwise import QUANTIZATION, stretched
from support.graphs import single_op_graph
from support.kernels import run_outputs
from support.models import Value, constant, single_op
from support.oracle import tflm_outputs
from support.single_op import (
    ACTIVATION,
    EXTENT,
    assert_equals_tflm,
    refusal,
)

from edgekit.ops import operators


def add(activation: int = 0) -> Any:
    options = schema.AddOptionsT()
    options.fusedActivationFunction = activation
    return options


@settings(max_examples=100)
@given(EXTENT, EXTENT, EXTENT, QUANTIZATION, QUANTIZATION, QUANTIZATION, ACTIVATION)
def test_bytes_equal_tflm(
    h: int,
    w: int,
    ch: int,
    first: tuple[float, int],
    second: tuple[float, int],
    target: tuple[float, int],
    activation: int,
) -> None:
    shape = (1, h, w, ch)
    inputs = [Value(shape, *first), Value(shape, *second)]
    assert_equals_tflm("ADD", inputs, Value(shape, *target), add(activation))


@pytest.mark.parametrize("kernels", KERNELS[1:])
@settings(max_examples=25)
@given(stretched(), QUANTIZATION, QUANTIZATION, QUANTIZATION, ACTIVATION)
def test_every_family_of_cores_equals_tflm(
    kernels: str,
    both: tuple[tuple[int, ...], tuple[int, ...]],
    first: tuple[float, int],
    second: tuple[float, int],
    target: tuple[float, int],
    activation: int,
) -> None:
    inputs = [Value(both[0], *first), Value(both[1], *second)]
    output = Value(np.broadcast_shapes(*both), *target)
    assert_equals_tflm("ADD", inputs, output, add(activation), kernels=kernels)


@pytest.mark.parametrize(
    "scales", [(0.5, 0.5, 1.0), (0.25, 0.5, 0.5), (0.011, 0.037, 0.031), (0.02, 0.02, 0.03)]
)
@pytest.mark.parametrize("zero_point", [-128, -7, 127])
def test_every_pair_of_values_equals_tflm(
    scales: tuple[float, float, float], zero_point: int
) -> None:
    every = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
    inputs = [Value((1, 256, 1), scales[0], 3), constant(every, scale=scales[1], zero_point=-9)]
    output = Value((1, 256, 256), scales[2], zero_point)
    graph, operation = single_op_graph("ADD", inputs, output, add())
    assert operators()["ADD"].lower(graph, operation).function == "ek_linear_sum_s8"  # type: ignore[union-attr]
    x = every.reshape(1, 256, 1)
    found = run_outputs(graph, operation, {graph.inputs[0]: x})[0]
    wanted = tflm_outputs(single_op("ADD", inputs, output, add()), x[None])
    np.testing.assert_array_equal(found.ravel(), wanted.ravel())


@settings(max_examples=100)
@given(stretched(), QUANTIZATION, QUANTIZATION, QUANTIZATION)
def test_stretched_shapes_equal_tflm(
    both: tuple[tuple[int, ...], tuple[int, ...]],
    first: tuple[float, int],
    second: tuple[float, int],
    target: tuple[float, int],
) -> None:
    output = Value(np.broadcast_shapes(*both), *target)
    inputs = [Value(both[0], *first), Value(both[1], *second)]
    assert_equals_tflm("ADD", inputs, output, add())


@settings(max_examples=50)
@given(st.booleans(), QUANTIZATION, QUANTIZATION, QUANTIZATION)
def test_a_constant_on_either_side_equals_tflm(
    constant_first: bool,
    first: tuple[float, int],
    second: tuple[float, int],
    target: tuple[float, int],
) -> None:
    values = np.arange(-60, 60, dtype=np.int8).reshape(1, 4, 5, 6)
    fixed = constant(values, scale=first[0], zero_point=first[1])
    variable = Value(values.shape, *second)
    inputs = [fixed, variable] if constant_first else [variable, fixed]
    assert_equals_tflm("ADD", inputs, Value(values.shape, *target), add())


def test_scales_far_apart_equal_tflm() -> None:
    inputs = [Value((1, 16), 2.0**-12, 5), Value((1, 16), 2.0**3, -5)]
    assert_equals_tflm("ADD", inputs, Value((1, 16), 2.0**-15, 5), add())


def test_shapes_that_do_not_broadcast_are_refused() -> None:
    inputs = [Value((1, 4, 3), 0.1), Value((1, 3, 3), 0.1)]
    message = refusal("ADD", inputs, Value((1, 4, 3), 0.1), add())
    assert "stretch to its output's shape" in (message or "")


def test_an_output_scale_that_is_too_small_is_refused() -> None:
    inputs = [Value((1, 4), 0.1), Value((1, 4), 0.5)]
    message = refusal("ADD", inputs, Value((1, 4), 0.5 * 2.0**-19), add())
    assert message == "Its output's scale is more than 2^-19 of the larger input scale."


def test_a_sum_of_constants_is_refused() -> None:
    fixed = constant(np.zeros((1, 4), np.int8), scale=0.1)
    message = refusal("ADD", [fixed, fixed], Value((1, 4), 0.5), add())
    assert "not both are constant" in (message or "")


def test_other_activations_are_refused() -> None:
    inputs = [Value((1, 4), 0.1), Value((1, 4), 0.5)]
    message = refusal("ADD", inputs, Value((1, 4), 0.5), add(4))
    assert message == "Its fused activation is NONE, RELU, RELU_N1_TO_1 or RELU6."
