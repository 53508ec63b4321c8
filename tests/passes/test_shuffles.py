from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graph_runs import ops, passed
from support.small_nets import RELU, NetBuilder

from edgekit.passes.shuffles import fold_shuffles

_IMAGE = (1, 3, 4)


@given(groups=st.integers(2, 4), depth=st.integers(2, 3), grouped=st.booleans())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_the_convolution_before_writes_shuffled(groups: int, depth: int, grouped: bool) -> None:
    net = NetBuilder()
    wide = groups * depth
    image = net.value(*_IMAGE, wide)
    weights = (wide, 1, 1, depth if grouped else wide)
    sums = net.conv(image, (*_IMAGE, wide), weights, activation=RELU)
    out = net.depthwise(net.shuffle(sums, (*_IMAGE, wide), groups), (*_IMAGE, wide))
    graph = passed(net.finish([image], [out]), fold_shuffles)
    assert ops(graph) == ["CONV_2D", "DEPTHWISE_CONV_2D"]


@given(groups=st.integers(2, 4), depth=st.integers(2, 3), deep=st.integers(0, 2))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_the_convolution_behind_reads_shuffled(groups: int, depth: int, deep: int) -> None:
    net = NetBuilder()
    shape = (*_IMAGE, groups * depth)
    image = net.value(*shape)
    value = net.shuffle(image, shape, groups)
    for _ in range(deep):
        value = net.depthwise(value, shape)
    out = net.conv(value, (*_IMAGE, 3), (3, 2, 2, shape[3]), padding=0)
    graph = passed(net.finish([image], [out]), fold_shuffles)
    assert ops(graph) == ["DEPTHWISE_CONV_2D"] * deep + ["CONV_2D"]


@pytest.mark.parametrize("reader", ["RELU", "grouped"])
def test_a_shuffle_that_must_be_is_one_copy(reader: str) -> None:
    net = NetBuilder()
    shape = (*_IMAGE, 6)
    image = net.value(*shape)
    value = net.shuffle(image, shape, 3)
    if reader == "RELU":
        out = net.made("RELU", [value], shape)
    else:
        out = net.conv(value, shape, (6, 1, 1, 2))
    graph = passed(net.finish([image], [out]), fold_shuffles)
    assert ops(graph)[0] == "GATHER"
    assert len(ops(graph)) == 2


def test_two_readers_both_take_the_old_order() -> None:
    net = NetBuilder()
    shape = (*_IMAGE, 6)
    image = net.value(*shape)
    value = net.shuffle(image, shape, 2)
    left = net.conv(value, shape, (6, 1, 1, 6))
    right = net.conv(net.depthwise(value, shape), shape, (6, 1, 1, 6))
    out = net.made("ADD", [left, right], shape, schema.AddOptionsT())
    graph = passed(net.finish([image], [out]), fold_shuffles)
    assert "GATHER" not in ops(graph)


def test_a_shuffled_result_is_shuffled() -> None:
    net = NetBuilder()
    shape = (*_IMAGE, 6)
    image = net.value(*shape)
    sums = net.conv(image, shape, (6, 1, 1, 6))
    graph = passed(net.finish([image], [net.shuffle(sums, shape, 2)]), fold_shuffles)
    assert ops(graph) == ["CONV_2D"]


def test_a_transpose_of_rows_and_columns_is_no_shuffle() -> None:
    net = NetBuilder()
    image = net.value(1, 3, 3, 4)
    turned = net.made("TRANSPOSE", [image, net.integers((0, 2, 1, 3))], (1, 3, 3, 4))
    out = net.conv(turned, (1, 3, 3, 2), (2, 1, 1, 4))
    graph = passed(net.finish([image], [out]), fold_shuffles)
    assert ops(graph) == ["TRANSPOSE", "CONV_2D"]


def test_a_gather_with_repeats_is_no_shuffle() -> None:
    net = NetBuilder()
    image = net.value(*_IMAGE, 4)
    options = schema.GatherOptionsT(axis=3)
    chosen = net.made("GATHER", [image, net.integers((0, 0, 2, 1))], (*_IMAGE, 4), options)
    out = net.conv(chosen, (*_IMAGE, 2), (2, 1, 1, 4))
    graph = passed(net.finish([image], [out]), fold_shuffles)
    assert ops(graph) == ["GATHER", "CONV_2D"]
    assert np.array_equal(graph.tensor(graph.operations[0].inputs[1]).data, [0, 0, 2, 1])
