from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.graph_runs import noise
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.small_nets import NetBuilder

from edgekit.passes.freeing import free_early
from edgekit.tflite import read_graph


def _halving(depth: int, wide: int) -> bytes:
    """Two branches that halve an image of `depth` channels, the first with `wide` of its own."""
    net = NetBuilder()
    image = net.value(1, 8, 8, 3)
    x = net.conv(image, (1, 8, 8, depth), (depth, 1, 1, 3))
    y = net.conv(x, (1, 8, 8, wide), (wide, 1, 1, depth))
    y = net.depthwise(y, (1, 4, 4, wide), stride=2)
    y = net.conv(y, (1, 4, 4, 6), (6, 1, 1, wide))
    z = net.depthwise(x, (1, 4, 4, depth), stride=2)
    z = net.conv(z, (1, 4, 4, 6), (6, 1, 1, depth))
    joined = net.concat([y, z], (1, 4, 4, 12))
    return net.finish([image], [net.conv(joined, (1, 4, 4, 2), (2, 1, 1, 12))])


def test_the_last_reader_runs_behind_the_others(tmp_path: Path) -> None:
    model = _halving(depth=10, wide=40)
    compiled = (native := NativeModel(model, tmp_path)).compiled
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(native.run(x), tflm_outputs(model, x))
    shapes = [(step.op, step.output_shape[-1]) for step in compiled.steps]
    # Right behind the convolution to 40 channels, and before these are halved.
    assert shapes[2:4] == [("DEPTHWISE_CONV_2D", 10), ("DEPTHWISE_CONV_2D", 40)]
    effects = {found.name: found.arena_bytes for found in compiled.passes}
    assert effects["slices"] - effects["last readers"] == 8 * 8 * 10 - 4 * 4 * 10


@pytest.mark.parametrize("depth", [1, 30])
def test_no_order_that_is_already_best_changes(depth: int) -> None:
    net = NetBuilder()
    image = net.value(1, 8, 8, depth)
    x = net.conv(image, (1, 8, 8, 9), (9, 1, 1, depth))
    graph = read_graph(net.finish([image], [net.depthwise(x, (1, 4, 4, 9), stride=2)]), "net")
    assert free_early(graph).operations == graph.operations
