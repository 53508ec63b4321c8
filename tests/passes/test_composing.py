"""Operations in a row that depend on one byte become one table, with TFLM's bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.graph_runs import ops, passed
from support.models import constant
from support.small_nets import NetBuilder

from edgekit.ir import Graph
from edgekit.passes.composing import compose_tables

_SHAPE = (1, 3, 4, 5)


def _logistic(net: NetBuilder, x: int) -> int:
    return net.made("LOGISTIC", [x], _SHAPE, scale=1 / 256, zero_point=-128)


def _tanh(net: NetBuilder, x: int) -> int:
    return net.made("TANH", [x], _SHAPE, scale=1 / 128, zero_point=0)


def _pair(net: NetBuilder, op: str, x: int, y: int, scale: float = 0.03) -> int:
    options = {"MUL": schema.MulOptionsT, "ADD": schema.AddOptionsT, "SUB": schema.SubOptionsT}
    return net.made(op, [x, y], _SHAPE, options[op](), scale=scale, zero_point=-100)


def _one(net: NetBuilder) -> int:
    return net.tensor(constant(np.array([100], np.int8), scale=0.01, zero_point=0))


def _swish(net: NetBuilder, x: int) -> int:
    return _pair(net, "MUL", x, _logistic(net, x))


def _gate_before(net: NetBuilder, x: int) -> int:
    return _pair(net, "SUB", _logistic(net, x), x)


def _two_curves(net: NetBuilder, x: int) -> int:
    return _pair(net, "MUL", _tanh(net, x), _logistic(net, x))


def _gelu(net: NetBuilder, x: int) -> int:
    """x * (1 + tanh(x + x * x * x)), as the approximation of GELU has it."""
    cube = _pair(net, "MUL", _pair(net, "MUL", x, x), x)
    curve = _tanh(net, _pair(net, "ADD", x, cube))
    return _pair(net, "MUL", x, _pair(net, "ADD", curve, _one(net)))


def _twice(net: NetBuilder, x: int) -> int:
    return _swish(net, _swish(net, x))


def _composed(build: Callable[[NetBuilder, int], int]) -> Graph:
    net = NetBuilder()
    image = net.value(*_SHAPE)
    return passed(net.finish([image], [build(net, image)]), compose_tables)


@pytest.mark.parametrize("build", [_swish, _gate_before, _two_curves, _gelu, _twice])
def test_what_depends_on_one_byte_is_one_table(build: Callable[[NetBuilder, int], int]) -> None:
    assert ops(_composed(build)) == ["QUANTIZE"]


def test_a_value_that_others_read_stays() -> None:
    def build(net: NetBuilder, x: int) -> int:
        gate = _logistic(net, x)
        wide = net.conv(gate, _SHAPE, (5, 1, 1, 5))
        return _pair(net, "ADD", wide, _pair(net, "MUL", x, gate))

    assert ops(_composed(build)) == ["LOGISTIC", "CONV_2D", "MUL", "ADD"]


def test_a_gate_of_other_places_stays() -> None:
    def build(net: NetBuilder, x: int) -> int:
        turned = net.made("TRANSPOSE", [x, net.integers((0, 2, 1, 3))], (1, 4, 3, 5))
        gate = net.made("LOGISTIC", [turned], (1, 4, 3, 5), scale=1 / 256, zero_point=-128)
        back = net.made("RESHAPE", [gate, net.integers(_SHAPE)], _SHAPE,
                        scale=1 / 256, zero_point=-128)  # fmt: skip
        return _pair(net, "MUL", x, back)

    assert ops(_composed(build)) == ["TRANSPOSE", "LOGISTIC", "MUL"]


def test_a_stretched_gate_stays() -> None:
    def build(net: NetBuilder, x: int) -> int:
        mean = net.made(
            "MEAN", [x, net.integers((1, 2))], (1, 1, 1, 5), schema.ReducerOptionsT(keepDims=True)
        )
        gate = net.made("LOGISTIC", [mean], (1, 1, 1, 5), scale=1 / 256, zero_point=-128)
        return _pair(net, "MUL", x, gate)

    assert ops(_composed(build)) == ["MEAN", "LOGISTIC", "MUL"]
