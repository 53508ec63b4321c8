"""TILE, which TFLM has not: LiteRT's reference kernel is the measure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graph_runs import noise, ops
from support.graphs import single_op_graph
from support.models import Value, constant, single_op
from support.native import NativeModel
from support.oracle import litert_outputs
from support.shapes import tensors
from support.single_op import assert_equals_tflm, refusal
from support.small_nets import NetBuilder

from edgekit.codegen.optimizing import optimized
from edgekit.errors import UnsupportedModelError
from edgekit.ops import operators
from edgekit.tflite import read_graph

SOURCE = Value((1, 2, 3, 4), 0.1, 3)
MULTIPLES_FIT = "Its multiples are constant, one per axis"


def tiled(source: Value, times: Sequence[int], dtype: str = "int32") -> tuple[list[Value], Value]:
    shape = tuple(extent * count for extent, count in zip(source.shape, times, strict=True))
    inputs = [source, constant(np.array(times, dtype))]
    return inputs, dataclasses.replace(source, shape=shape)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Value], Value]:
    source = draw(tensors(most=5))
    room = 2000 // math.prod(source.shape)
    times = [1]
    for _ in source.shape[1:]:
        times.append(draw(st.integers(1, max(1, min(4, room // math.prod(times))))))
    return tiled(source, times, draw(st.sampled_from(["int32", "int64"])))


@settings(max_examples=40, deadline=None)
@given(cases())
def test_bytes_equal_litert(case: tuple[list[Value], Value]) -> None:
    inputs, output = case
    assert_equals_tflm("TILE", inputs, output, schema.TileOptionsT(), oracle=litert_outputs)


@pytest.mark.parametrize(
    ("shape", "times", "calls"),
    [
        ((1, 1, 1, 8), (1, 5, 7, 1), 1), ((1, 4, 3, 2), (1, 3, 2, 1), 1),
        ((1, 4, 3, 5), (1, 3, 2, 4), 2), ((1, 3, 4, 2, 5), (1, 2, 3, 4, 2), 8),
    ],
)  # fmt: skip
def test_one_call_where_the_kernel_has_loops_enough(
    shape: tuple[int, ...], times: tuple[int, ...], calls: int
) -> None:
    inputs, output = tiled(Value(shape, 0.1, 3), times)
    assert len(operators()["TILE"].calls(*single_op_graph("TILE", inputs, output))) == calls
    assert_equals_tflm("TILE", inputs, output, oracle=litert_outputs)


def _net(times: Sequence[int]) -> bytes:
    """What a convolution made small, tiled to its input's size and added to that."""
    net = NetBuilder()
    image = net.value(1, 4, 6, 3)
    first = net.conv(image, (1, 4, 6, 8), (8, 1, 1, 3))
    shape = (1, 4 // times[1], 6 // times[2], 8)
    small = net.conv(first, shape, (8, 5 - shape[1], 7 - shape[2], 8))
    wide = net.made("TILE", [small, net.integers(times)], (1, 4, 6, 8), schema.TileOptionsT())
    joined = net.made("ADD", [first, wide], (1, 4, 6, 8), schema.AddOptionsT())
    return net.finish([image], [net.conv(joined, (1, 4, 6, 2), (2, 1, 1, 8))])


def test_whole_models_equal_litert(tmp_path: Path) -> None:
    model = _net((1, 2, 3, 1))
    native = NativeModel(model, tmp_path)
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(native.run(x), litert_outputs(model, x[:, None]))
    assert [step.op for step in native.compiled.steps].count("TILE") == 1


def test_once_is_no_copy() -> None:
    read = read_graph(_net((1, 1, 1, 1)), "net")
    assert "TILE" in ops(read)
    assert "TILE" not in ops(optimized(read).graph)


@pytest.mark.parametrize(
    ("times", "shape"),
    [
        ((2, 1, 1, 1), (2, 2, 3, 4)), ((1, 2, 1), (1, 4, 3, 4)), ((1, 0, 1, 1), (1, 0, 3, 4)),
        ((1, -1, 1, 1), (1, 2, 3, 4)), ((1, 2, 1, 1), (1, 2, 6, 4)),
    ],
)  # fmt: skip
def test_multiples_that_do_not_fit_are_refused(
    times: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    inputs = [SOURCE, constant(np.array(times, np.int32))]
    assert MULTIPLES_FIT in (refusal("TILE", inputs, Value(shape, 0.1, 3)) or "")


def test_what_tflm_has_not_is_no_reason_to_try_it() -> None:
    inputs = [SOURCE, constant(np.array([2, 1, 1, 1], np.int32))]
    with pytest.raises(UnsupportedModelError, match=MULTIPLES_FIT) as refused:
        read_graph(single_op("TILE", inputs, Value((2, 2, 3, 4), 0.1, 3)), "net")
    assert refused.value.hint == "Replace this op in the model; TensorFlow Lite Micro has no TILE."


def test_multiples_that_are_not_known_are_refused() -> None:
    inputs = [SOURCE, Value((4,), dtype="int32")]
    assert MULTIPLES_FIT in (refusal("TILE", inputs, SOURCE) or "")


def test_another_scale_and_constants_are_refused() -> None:
    inputs, output = tiled(SOURCE, (1, 1, 2, 1))
    other = dataclasses.replace(output, scale=0.2)
    assert refusal("TILE", inputs, other) is not None
    fixed = constant(np.zeros(SOURCE.shape, np.int8), scale=0.1, zero_point=3)
    assert refusal("TILE", [fixed, inputs[1]], output) == "Its first input is not constant."
