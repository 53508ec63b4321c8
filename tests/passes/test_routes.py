from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.graph_runs import noise, ops, passed
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.small_nets import RELU, NetBuilder

from edgekit.ir import Graph
from edgekit.ops import operators
from edgekit.passes.moves import moved_bytes
from edgekit.passes.placing import place_parts
from edgekit.passes.routes import route_channels
from edgekit.passes.shuffles import fold_shuffles
from edgekit.tflite import read_graph

_IMAGE = (1, 3, 4)
_WIDTH = 8
_SHAPE, _HALF = (*_IMAGE, _WIDTH), (*_IMAGE, _WIDTH // 2)


def _routed(graph: Graph) -> Graph:
    return route_channels(fold_shuffles(graph))


def _macs(graph: Graph) -> int:
    return sum(operators()[found.op].macs(graph, found) for found in graph.operations)


def _unit(net: NetBuilder, x: int) -> int:
    """A ShuffleNetV2 unit."""
    kept, y = net.split(x, _HALF)
    y = net.conv(y, _HALF, (_WIDTH // 2, 1, 1, _WIDTH // 2), activation=RELU)
    y = net.conv(net.depthwise(y, _HALF), _HALF, (_WIDTH // 2, 1, 1, _WIDTH // 2), activation=RELU)
    return net.shuffle(net.concat([kept, y], _SHAPE), _SHAPE, 2)


def _stage(units: int, *, end: str = "conv") -> bytes:
    """Units behind a convolution."""
    net = NetBuilder(zero_point=-128)
    image = net.value(*_IMAGE, 64)  # takes most memory
    x = net.conv(image, (*_IMAGE, 3), (3, 1, 1, 64))
    x = net.conv(x, _SHAPE, (_WIDTH, 1, 1, 3))
    for _ in range(units):
        x = _unit(net, x)
    if end == "conv":
        out = net.conv(x, (*_IMAGE, 5), (5, 1, 1, _WIDTH))
    elif end == "down":
        left = net.conv(x, _HALF, (_WIDTH // 2, 1, 1, _WIDTH))
        right = net.conv(net.depthwise(x, _SHAPE), _HALF, (_WIDTH // 2, 1, 1, _WIDTH))
        out = net.shuffle(net.concat([left, right], _SHAPE), _SHAPE, 2)
        out = net.conv(out, (*_IMAGE, 5), (5, 1, 1, _WIDTH))
    else:
        out = net.made("HARD_SWISH", [x], _SHAPE)
    return net.finish([image], [out])


@pytest.mark.parametrize("end", ["conv", "down"])
@pytest.mark.parametrize("units", [1, 2, 3])
def test_units_of_shufflenet_v2_move_nothing(units: int, end: str) -> None:
    graph = passed(_stage(units, end=end), _routed)
    assert set(ops(graph)) == {"CONV_2D", "DEPTHWISE_CONV_2D", "CONCATENATION"}
    assert moved_bytes(place_parts(graph)) == 0


def test_compiled_units_equal_tflm_and_copy_nothing(tmp_path: Path) -> None:
    model = _stage(3, end="down")
    native = NativeModel(model, tmp_path)
    x = noise(read_graph(model, "net"), count=100)
    np.testing.assert_array_equal(native.run(x), tflm_outputs(model, x))
    assert {step.op for step in native.compiled.steps} == {"CONV_2D", "DEPTHWISE_CONV_2D"}
    assert native.compiled.arena_bytes == native.compiled.arena_lower_bound_bytes


def test_no_multiplication_is_added() -> None:
    before = passed(_stage(3, end="down"), fold_shuffles)
    assert _macs(passed(_stage(3, end="down"), _routed)) == _macs(before)


def test_a_reader_that_needs_the_order_keeps_it() -> None:
    graph = passed(_stage(1, end="hard swish"), _routed)
    assert ops(graph)[-1] == "HARD_SWISH"


def test_a_channel_that_two_values_read_is_computed_once() -> None:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    sums = net.conv(image, _SHAPE, (_WIDTH, 1, 1, _WIDTH))
    left, right = net.split(sums, _HALF)
    both = net.concat([right, left], _SHAPE)
    results = [
        net.conv(value, _HALF, (_WIDTH // 2, 1, 1, depth))
        for value, depth in ((left, _WIDTH // 2), (both, _WIDTH))
    ]
    out = net.made("ADD", results, _HALF, schema.AddOptionsT())
    graph = passed(net.finish([image], [out]), _routed)
    assert Counter(ops(graph))["CONV_2D"] == 3


def test_parts_of_an_input_are_copied() -> None:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    left, right = net.split(image, _HALF)
    results = [net.conv(value, _HALF, (4, 1, 1, 4)) for value in (left, right)]
    out = net.made("ADD", results, _HALF, schema.AddOptionsT())
    graph = passed(net.finish([image], [out]), _routed)
    assert ops(graph) == ["SPLIT", "CONV_2D", "CONV_2D", "ADD"]


def test_a_concatenation_whose_order_cannot_change_stays_in_order() -> None:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    parts = [net.conv(image, _HALF, (4, 1, 1, _WIDTH)) for _ in range(2)]
    joined = net.concat(parts[::-1], _SHAPE)
    out = net.conv(joined, _SHAPE, (_WIDTH, 1, 1, 2))
    graph = passed(net.finish([image], [out]), _routed)
    assert ops(graph) == ["CONV_2D", "CONV_2D", "CONCATENATION", "CONV_2D"]
