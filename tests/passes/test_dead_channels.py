from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.graph_runs import noise, passed
from support.models import constant
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.small_nets import SAME, NetBuilder

from edgekit.ir import Graph
from edgekit.passes.dead_channels import remove_dead_channels
from edgekit.tflite import read_graph

READ = (1, 4, 5)


class _SparseNet(NetBuilder):
    """Convolutions of an input of nine channels read three of them only."""

    def _weights(self, shape: tuple[int, ...], axis: int) -> int:
        if axis == 3 or shape[3] != 9:
            return super()._weights(shape, axis)
        values = self._rng.integers(-127, 128, shape, dtype=np.int8)
        dead = [channel for channel in range(9) if channel not in READ]
        values[..., dead] = 0
        scales = self._rng.uniform(0.003, 0.01, shape[0]).tolist()
        return self.tensor(constant(values, scale=scales, axis=0))


def _chain(*, second_reader: bool = False, ends_early: bool = False) -> bytes:
    """Convolution, depthwise convolution, pooling, convolution; some have two readers, some end
    with the value that has dead channels."""
    net = _SparseNet()
    shape = (1, 6, 5, 9)
    image = net.value(1, 6, 5, 4)
    wide = net.conv(image, shape, (9, 3, 3, 4), padding=SAME)
    deep = net.depthwise(wide, shape)
    pooled = net.made(
        "MAX_POOL_2D", [deep], (1, 3, 2, 9),
        schema.Pool2DOptionsT(padding=1, strideH=2, strideW=2, filterHeight=2, filterWidth=2),
    )  # fmt: skip
    if ends_early:
        return net.finish([image], [pooled])
    result = net.conv(pooled, (1, 3, 2, 7), (7, 1, 1, 9))
    if second_reader:
        other = net.made("LOGISTIC", [deep], shape, scale=1 / 256, zero_point=-128)
        result = net.conv(other, (1, 6, 5, 7), (7, 1, 1, 9))
    return net.finish([image], [result])


def _widths(model: bytes) -> list[int]:
    graph = passed(model, remove_dead_channels)
    return [graph.tensor(found.outputs[0]).shape[-1] for found in graph.operations]


def test_channels_that_meet_only_zeros_are_not_computed() -> None:
    assert _widths(_chain()) == [3, 3, 3, 7]


def test_channels_stay_by_fours_where_kernels_take_them_so() -> None:
    def run(graph: Graph) -> Graph:
        found = remove_dead_channels(replace(graph, kernels="m0plus"))
        return replace(found, kernels="")

    graph = passed(_chain(), run)
    widths = [graph.tensor(found.outputs[0]).shape[-1] for found in graph.operations]
    assert widths == [4, 4, 4, 7]


def test_results_keep_their_channels() -> None:
    assert _widths(_chain(ends_early=True)) == [9, 9, 9]


def test_a_reader_of_another_kind_keeps_all() -> None:
    assert _widths(_chain(second_reader=True))[:2] == [9, 9]


def test_one_channel_is_left_where_none_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.READ", ())
    assert _widths(_chain()) == [1, 1, 1, 7]


def test_whole_models_keep_their_bytes_and_their_count_of_macs(tmp_path: Path) -> None:
    model = _chain()
    native = NativeModel(model, tmp_path)
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(native.run(x), tflm_outputs(model, x))
    assert native.compiled.macs == 6 * 5 * 9 * 9 * 4 + 6 * 5 * 9 * 9 + 3 * 2 * 7 * 9
    assert sum(step.macs for step in native.compiled.steps) < native.compiled.macs / 2
