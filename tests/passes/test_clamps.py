from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graph_runs import ops, passed
from support.models import constant
from support.oracle import litert_outputs
from support.small_nets import NetBuilder

from edgekit.ops.attributes import Limits
from edgekit.passes.clamps import fold_clamps

_RANGE = st.tuples(st.integers(-128, 127), st.integers(-128, 127)).map(sorted)


@given(_RANGE, _RANGE)
def test_two_clamps_in_a_row_are_one(first: list[int], second: list[int]) -> None:
    inner, outer = Limits(*first), Limits(*second)
    for value in range(-128, 128):
        assert inner.then(outer).clamp(value) == outer.clamp(inner.clamp(value))


@pytest.mark.parametrize("op", ["RELU", "RELU6"])
@pytest.mark.parametrize("zero_point", [-128, -20, 90])
def test_an_activation_becomes_part_of_a_convolution(op: str, zero_point: int) -> None:
    net = NetBuilder(zero_point=zero_point)
    image = net.value(1, 3, 4, 5)
    sums = net.conv(image, (1, 3, 4, 6), (6, 1, 1, 5))
    graph = passed(
        net.finish([image], [net.made(op, [sums], (1, 3, 4, 6))]), fold_clamps, litert_outputs
    )
    assert ops(graph) == ["CONV_2D"]
    expected = Limits(zero_point, min(127, zero_point + 120) if op == "RELU6" else 127)
    assert graph.operations[0].attributes.limits == expected


@given(low=st.integers(-128, 127), high=st.integers(-128, 127), source=st.sampled_from(
    ["CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "AVERAGE_POOL_2D", "MAX_POOL_2D"]))  # fmt: skip
@settings(max_examples=15, deadline=None, derandomize=True)
def test_extrema_become_part_of_what_is_before_them(low: int, high: int, source: str) -> None:
    net = NetBuilder()
    shape = (1, 3, 4, 4)
    image = net.value(*shape)
    made = {
        "CONV_2D": lambda: net.conv(image, shape, (4, 1, 1, 4), activation=1),
        "DEPTHWISE_CONV_2D": lambda: net.depthwise(image, shape),
        "ADD": lambda: net.made("ADD", [net.depthwise(image, shape), image], shape,
                                schema.AddOptionsT()),
    }.get(source, lambda: net.made(source, [image], shape, schema.Pool2DOptionsT(
        strideH=1, strideW=1, filterHeight=2, filterWidth=2)))()  # fmt: skip
    for op, bound in (("MAXIMUM", low), ("MINIMUM", high)):
        value = net.tensor(
            constant(np.array([bound], np.int8), scale=net.scale, zero_point=net.zero_point)
        )
        made = net.made(op, [made, value], shape, schema.MaximumMinimumOptionsT())
    graph = passed(net.finish([image], [made]), fold_clamps)
    assert ops(graph)[-1] == source


def test_a_clamp_passes_through_a_concatenation_to_what_makes_its_parts() -> None:
    net = NetBuilder()
    image = net.value(1, 3, 4, 5)
    parts = [net.conv(image, (1, 3, 4, depth), (depth, 1, 1, 5)) for depth in (2, 3)]
    joined = net.concat(parts, (1, 3, 4, 5))
    graph = passed(net.finish([image], [net.made("RELU", [joined], (1, 3, 4, 5))]), fold_clamps)
    assert ops(graph) == ["CONV_2D", "CONV_2D", "CONCATENATION"]


@pytest.mark.parametrize("why", ["another reader", "a result", "another scale", "no clamp"])
def test_what_is_used_elsewhere_or_scaled_is_left_alone(why: str) -> None:
    net = NetBuilder()
    shape = (1, 3, 4, 5)
    image = net.value(*shape)
    sums = net.conv(image, shape, (5, 1, 1, 5))
    other = {"scale": 0.04} if why == "another scale" else {}
    out = net.made("HARD_SWISH" if why == "no clamp" else "RELU", [sums], shape, **other)
    if why == "another reader":
        out = net.made("ADD", [out, sums], shape, schema.AddOptionsT())
    model = net.finish([image], [sums if why == "a result" else out])
    graph = passed(model, fold_clamps)
    assert len(ops(graph)) == (3 if why == "another reader" else 2)
