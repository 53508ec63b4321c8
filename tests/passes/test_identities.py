from __future__ import annotations

import itertools

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.graph_runs import ops, passed
from support.models import constant
from support.small_nets import RELU, NetBuilder

from edgekit.ir import Graph
from edgekit.passes.dead_ops import remove_dead_ops
from edgekit.passes.identities import remove_identities

_SHAPE = (1, 3, 4, 5)


def _tidied(graph: Graph) -> Graph:
    return remove_dead_ops(remove_identities(graph))


def _after_identity(op: str) -> Graph:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    sums = net.conv(image, _SHAPE, (5, 1, 1, 5), activation=RELU)
    inputs, options = {
        "QUANTIZE": ([sums], schema.QuantizeOptionsT()),
        "RELU": ([sums], None),
        "TRANSPOSE": ([sums, net.integers((0, 1, 2, 3))], schema.TransposeOptionsT()),
        "SLICE": ([sums, net.integers((0, 0, 0, 0)), net.integers(_SHAPE)], schema.SliceOptionsT()),
        "GATHER": ([sums, net.integers(range(5))], schema.GatherOptionsT(axis=3)),
        "CONCATENATION": ([sums], schema.ConcatenationOptionsT(axis=3)),
        "MAXIMUM": (
            [sums, net.tensor(constant(np.array([-90], np.int8), scale=0.05, zero_point=-20))],
            schema.MaximumMinimumOptionsT(),
        ),
    }[op]
    same = net.made(op, inputs, _SHAPE, options)
    last = net.conv(same, _SHAPE, (5, 1, 1, 5))
    return passed(net.finish([image], [last]), _tidied)


@pytest.mark.parametrize(
    "op", ["QUANTIZE", "RELU", "TRANSPOSE", "SLICE", "GATHER", "CONCATENATION", "MAXIMUM"]
)
def test_what_gives_back_what_it_is_given_is_left_out(op: str) -> None:
    graph = _after_identity(op)
    assert [found.op for found in graph.operations] == ["CONV_2D", "CONV_2D"]


def test_a_change_of_scale_stays() -> None:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    other = net.made("QUANTIZE", [image], _SHAPE, schema.QuantizeOptionsT(), scale=0.0625)
    last = net.conv(other, _SHAPE, (5, 1, 1, 5))
    assert ops(passed(net.finish([image], [last]), _tidied)) == ["QUANTIZE", "CONV_2D"]


def test_a_chain_of_reshapes_is_one() -> None:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    sums = net.conv(image, _SHAPE, (5, 1, 1, 5))
    for shape in ((1, 60), (1, 5, 12), (1, 60, 1), (3, 20)):
        sums = net.made("RESHAPE", [sums, net.integers(shape)], shape)
    graph = passed(net.finish([image], [sums]), _tidied)
    assert [found.op for found in graph.operations] == ["CONV_2D", "RESHAPE"]


_ORDERS = [(0, 2, 1, 3), (0, 3, 1, 2), (0, 2, 3, 1)]


@pytest.mark.parametrize("orders", list(itertools.product(_ORDERS, _ORDERS)))
def test_two_transposes_are_one_or_none(orders: tuple[tuple[int, ...], ...]) -> None:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    value, shape = net.conv(image, _SHAPE, (5, 1, 1, 5)), _SHAPE
    axes = np.arange(4)
    for order in orders:
        shape, axes = tuple(shape[axis] for axis in order), axes[list(order)]
        value = net.made("TRANSPOSE", [value, net.integers(order)], shape)
    graph = passed(net.finish([image], [value]), _tidied)
    moving = [] if axes.tolist() == [0, 1, 2, 3] else ["TRANSPOSE"]
    assert ops(graph) == ["CONV_2D", *moving]


def test_what_nobody_uses_is_not_computed() -> None:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    unused = net.conv(image, _SHAPE, (5, 1, 1, 5))
    net.made("RELU", [unused], _SHAPE)
    last = net.conv(image, (1, 3, 4, 2), (2, 1, 1, 5))
    graph = passed(net.finish([image], [last]), remove_dead_ops)
    assert [found.outputs[0] for found in graph.operations] == [last]
