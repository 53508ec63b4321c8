"""Ops of constants alone are computed once, when a model is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.graph_runs import noise
from support.models import Value, constant
from support.native import NativeModel
from support.oracle import litert_outputs, tflm_outputs
from support.small_nets import NetBuilder

from edgekit.errors import ModelError, UnsupportedModelError
from edgekit.tflite import read_graph
from edgekit.tflite.folding import folded


def _unfrozen(end: str = "HARD_SWISH", version: int = 1) -> bytes:
    """A convolution, and the ops that a converter leaves for Flatten in a model of open batch."""
    net = NetBuilder()
    image = net.value(1, 3, 2, 2)
    x = net.conv(image, (1, 3, 2, 4), (4, 1, 1, 2))
    whole, batch, target = (_integers(net, count) for count in (4, 1, 2))
    net.op("SHAPE", [x], [whole], schema.ShapeOptionsT(outType=schema.TensorType.INT32))
    ends = [net.integers([value]) for value in (0, 1, 1)]
    net.op("STRIDED_SLICE", [whole, *ends], [batch],
           schema.StridedSliceOptionsT(shrinkAxisMask=1))  # fmt: skip
    net.op("PACK", [batch, net.tensor(constant(np.array(24, np.int32)))], [target],
           schema.PackOptionsT(valuesCount=2))  # fmt: skip
    flat = net.made("RESHAPE", [x, target], (1, 24), schema.ReshapeOptionsT())
    last = net.value(1, 24)
    net.op(end, [flat], [last], version=version)
    return net.finish([image], [last])


def _integers(net: NetBuilder, count: int) -> int:
    return net.tensor(Value((count,) if count > 1 else (), None, dtype="int32"))


def test_shapes_that_a_converter_left_open_are_known(tmp_path: Path) -> None:
    model = _unfrozen()
    native = NativeModel(model, tmp_path)
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(native.run(x), litert_outputs(model, x[:, None]))
    assert [step.op for step in native.compiled.steps] == ["CONV_2D", "HARD_SWISH"]


def test_an_op_elsewhere_that_litert_does_not_know_is_no_obstacle() -> None:
    """What cannot be compiled is named, and not what LiteRT says of it."""
    with pytest.raises(UnsupportedModelError, match="CUMSUM #2"):
        read_graph(_unfrozen("CUMSUM", version=9), "net")


@pytest.mark.parametrize("op", ["TRANSPOSE", "ADD", "QUANTIZE", "CONCATENATION"])
def test_ops_of_constants_are_one_constant(tmp_path: Path, op: str) -> None:
    net = NetBuilder()
    image = net.value(1, 4, 2, 3)
    given = np.arange(-12, 12, dtype=np.int8)
    shape = {"TRANSPOSE": (1, 3, 2, 4), "CONCATENATION": (1, 2, 2, 3)}.get(op, (1, 4, 2, 3))
    values = given[: int(np.prod(shape))].reshape(shape)
    source = net.tensor(constant(values, scale=net.scale, zero_point=net.zero_point))
    made = {
        "TRANSPOSE": lambda: net.made(op, [source, net.integers((0, 3, 2, 1))], (1, 4, 2, 3)),
        "ADD": lambda: net.made(op, [source, source], (1, 4, 2, 3), schema.AddOptionsT()),
        "QUANTIZE": lambda: net.made(op, [source], (1, 4, 2, 3), scale=0.1),
        "CONCATENATION": lambda: net.concat([source, source], (1, 4, 2, 3), axis=1),
    }[op]()
    total = net.made("ADD", [image, made], (1, 4, 2, 3), schema.AddOptionsT())
    model = net.finish([image], [total])
    native = NativeModel(model, tmp_path)
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(native.run(x), tflm_outputs(model, x))
    assert [step.op for step in native.compiled.steps] == ["ADD"]


def test_ops_that_the_two_references_round_otherwise_are_refused_as_before() -> None:
    net = NetBuilder()
    image = net.value(1, 4)
    source = net.tensor(constant(np.zeros((1, 4), np.int8), scale=0.1, zero_point=0))
    made = net.made("HARD_SWISH", [source], (1, 4))
    total = net.made("ADD", [image, made], (1, 4), schema.AddOptionsT())
    with pytest.raises(UnsupportedModelError) as caught:
        read_graph(net.finish([image], [total]), "net")
    assert any("HARD_SWISH #0" in problem for problem in caught.value.problems)


def test_a_model_without_such_ops_is_the_same_bytes() -> None:
    net = NetBuilder()
    image = net.value(1, 3, 2, 2)
    model = net.finish([image], [net.conv(image, (1, 3, 2, 4), (4, 1, 1, 2))])
    assert folded(model, "net") is model


def test_what_litert_cannot_compute_is_named() -> None:
    net = NetBuilder()
    image = net.value(1, 4)
    source = net.tensor(constant(np.zeros((1, 4), np.int8), scale=0.1, zero_point=0))
    made = net.made("TRANSPOSE", [source, net.integers((5, 9))], (1, 4))
    total = net.made("ADD", [image, made], (1, 4), schema.AddOptionsT())
    with pytest.raises(ModelError, match="cannot compute TRANSPOSE of constants"):
        read_graph(net.finish([image], [total]), "net")
