from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from support.convolutions import EACH, assert_kernel_equals_tflm, conv_2d, images_for
from support.kernels import call_of, run_operation
from support.oracle import tflm_outputs

from edgekit.ir import Graph
from edgekit.ops.variants import m0plus
from edgekit.tflite import read_graph

ARMV6M = ("m0plus", "m0plus_dual", "m3")


@pytest.mark.parametrize("kernels", EACH)
@given(conv_2d())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_form_equals_tflm(kernels: str, model: bytes) -> None:
    assert_kernel_equals_tflm(model, kernels=kernels)


@pytest.mark.parametrize("kernels", ARMV6M)
def test_groups_a_few_rows_at_a_time_equal_tflm(
    kernels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(m0plus, "_WINDOW_BYTES", 320)
    bands = []

    @given(conv_2d(fewest_groups=2, largest_step=1))
    @settings(max_examples=30, deadline=None, derandomize=True)
    def equals_tflm(model: bytes) -> None:
        by = call_of(model, kernels).parameters
        bands.append(0 < by.get("band", 0) < by["out_h"])
        assert_kernel_equals_tflm(model, kernels=kernels)

    equals_tflm()
    assert sum(bands) >= 5


def interleaved(model: bytes, kernels: str) -> Graph:
    """The graph of one convolution, its groups' channels stored in turn."""
    graph = replace(read_graph(model, "drawn"), kernels=kernels)
    (operation,) = graph.operations
    shuffled = replace(operation.attributes, interleaved=True)
    return replace(graph, operations=(replace(operation, attributes=shuffled),))


@pytest.mark.parametrize("kernels", ARMV6M)
@given(conv_2d(fewest_groups=2, largest_step=2))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_outputs_in_turn_equal_tflm(kernels: str, model: bytes) -> None:
    graph = interleaved(model, kernels)
    number, (operation,) = graph.inputs[0], graph.operations
    shape = graph.tensor(operation.outputs[0]).shape
    groups = graph.tensor(number).shape[3] // graph.tensor(operation.inputs[1]).shape[3]
    image = images_for(graph.tensor(number).shape, 0)[0]
    (expected,) = tflm_outputs(model, image[None])
    wanted = expected.reshape(*shape[1:3], groups, -1).swapaxes(2, 3)
    found = run_operation(graph, operation, {number: image})
    assert np.array_equal(found.reshape(-1), wanted.reshape(-1))
