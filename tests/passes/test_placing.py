from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graph_runs import noise
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.small_nets import SAME, NetBuilder

from edgekit.ops.attributes import Padding, window_output
from edgekit.passes.placing import place_parts
from edgekit.passes.rewriting import producers
from edgekit.tflite import read_graph

_KINDS = ("CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D")


def _part(net: NetBuilder, kind: str, image: int, size: tuple[int, int], depth: int) -> int:
    """A window of 3 x 2 cells over an image of `depth` channels, by steps of 2."""
    out = (1, *(window_output(extent, 3, 2, 1, Padding.SAME) for extent in size))
    if kind == "CONV_2D":
        return net.conv(image, (*out, 3), (3, 3, 2, depth), stride=2, padding=SAME)
    if kind == "DEPTHWISE_CONV_2D":
        return net.depthwise(image, (*out, depth), (3, 2), stride=2)
    options = schema.Pool2DOptionsT(padding=SAME, strideH=2, strideW=2, filterHeight=3,
                                    filterWidth=2)  # fmt: skip
    return net.made(kind, [image], (*out, depth), options)


def _joined(kinds: list[str], size: tuple[int, int], depth: int, last: int = 90) -> bytes:
    """Parts of an image, joined by channels and read by a convolution to `last` channels, of
    which many take the most memory."""
    net = NetBuilder()
    image = net.value(1, *size, depth)
    parts = [_part(net, kind, image, size, depth) for kind in kinds]
    total = sum(3 if kind == "CONV_2D" else depth for kind in kinds)
    out = (1, *(window_output(extent, 3, 2, 1, Padding.SAME) for extent in size))
    joined = net.concat(parts, (*out, total))
    return net.finish([image], [net.conv(joined, (*out, last), (last, 1, 1, total))])


@given(
    kinds=st.lists(st.sampled_from(_KINDS), min_size=1, max_size=4),
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    depth=st.integers(1, 5),
)
@settings(max_examples=4, deadline=None, derandomize=True)
def test_parts_joined_by_channels_are_not_copied(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], size: tuple[int, int], depth: int
) -> None:
    model = _joined(kinds, size, depth)
    native = _equal(model, tmp_path_factory.mktemp("model"))
    assert "CONCATENATION" not in [step.op for step in native.compiled.steps]


def _equal(model: bytes, folder: Path) -> NativeModel:
    """The generated C, which gives TFLM's bytes."""
    native = NativeModel(model, folder)
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(
        native.run(x).reshape(len(x), -1), tflm_outputs(model, x).reshape(len(x), -1)
    )
    return native


def test_parts_joined_by_rows_are_written_in_place_by_any_op(tmp_path: Path) -> None:
    net = NetBuilder()
    image = net.value(1, 2, 4, 3)
    parts = [net.made(op, [image], (1, 2, 4, 3)) for op in ("HARD_SWISH", "RELU")]
    joined = net.concat(parts, (1, 4, 4, 3), axis=1)
    native = _equal(net.finish([image], [joined]), tmp_path)
    assert [step.op for step in native.compiled.steps] == ["HARD_SWISH", "RELU"]


@pytest.mark.parametrize("why", ["an input", "used twice", "another reader", "a result"])
def test_what_is_needed_as_it_is_gets_copied(tmp_path: Path, why: str) -> None:
    net = NetBuilder()
    shape = (1, 2, 3, 3)
    image = net.value(*shape)
    part = image if why == "an input" else net.conv(image, shape, (3, 1, 1, 3))
    other = part if why == "used twice" else net.conv(image, shape, (3, 1, 1, 3))
    joined = net.concat([part, other], (1, 2, 3, 6))
    last = net.conv(joined, shape, (3, 1, 1, 6))
    if why in ("another reader", "an input"):
        last = net.made("ADD", [last, part], shape, schema.AddOptionsT())
    model = net.finish([image], [part if why == "a result" else last])
    graph = place_parts(read_graph(model, "net"))
    placed = producers(graph)[joined].attributes.placed
    assert placed == {"used twice": ()}.get(why, (1,))
    _equal(model, tmp_path)


def _fire(expanded: int) -> bytes:
    """Two convolutions of one small value, joined, and their mean."""
    net = NetBuilder()
    image = net.value(1, 6, 6, 2)
    weights = (expanded, 1, 1, 2)
    parts = [net.conv(image, (1, 6, 6, expanded), weights, padding=SAME) for _ in range(2)]
    joined = net.concat(parts, (1, 6, 6, 2 * expanded))
    keep = schema.ReducerOptionsT(keepDims=True)
    out = net.made("MEAN", [joined, net.integers((1, 2))], (1, 1, 1, 2 * expanded), keep)
    return net.finish([image], [out])


def test_parts_need_no_memory_beside_the_whole(tmp_path: Path) -> None:
    compiled = _equal(_fire(expanded=16), tmp_path).compiled
    before, *_, after = compiled.passes
    assert (before.moved_bytes, after.moved_bytes) == (36 * 32, 0)
    assert before.arena_bytes == 2 * 36 * 32
    assert after.arena_bytes == 36 * 32 + 36 * 2 + 8


def test_where_the_whole_would_come_too_early_parts_are_copied(tmp_path: Path) -> None:
    compiled = _equal(_joined(["CONV_2D", "MAX_POOL_2D"], (6, 6), 4, last=4), tmp_path).compiled
    assert "CONCATENATION" in [step.op for step in compiled.steps]
    before, *_, after = compiled.passes
    assert after.arena_bytes <= before.arena_bytes
