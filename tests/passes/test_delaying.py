from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.graph_runs import noise
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.small_nets import SAME, NetBuilder

from edgekit.artifacts import CompiledModel
from edgekit.tflite import read_graph


def _unit(depth: int, wide: int, images: int) -> bytes:
    """A unit of ShuffleNet that halves the image: the pooled image beside a branch of three
    convolutions, `wide` channels between them; the input has `images` channels, and with them most
    of the memory."""
    net = NetBuilder()
    image = net.value(1, 8, 8, images)
    x = net.conv(image, (1, 8, 8, depth), (depth, 1, 1, images))
    options = schema.Pool2DOptionsT(padding=SAME, strideH=2, strideW=2, filterHeight=3,
                                    filterWidth=3)  # fmt: skip
    pooled = net.made("AVERAGE_POOL_2D", [x], (1, 4, 4, depth), options)
    y = net.conv(x, (1, 8, 8, wide), (wide, 1, 1, depth))
    y = net.depthwise(y, (1, 4, 4, wide), stride=2)
    y = net.conv(y, (1, 4, 4, 48 - depth), (48 - depth, 1, 1, wide))
    joined = net.concat([pooled, y], (1, 4, 4, 48))
    return net.finish([image], [net.conv(joined, (1, 4, 4, 2), (2, 1, 1, 48))])


def _compiled(model: bytes, folder: Path) -> CompiledModel:
    native = NativeModel(model, folder)
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(native.run(x), tflm_outputs(model, x))
    return native.compiled


@pytest.mark.parametrize(("depth", "wide", "images"), [(4, 20, 28), (8, 12, 20)])
def test_parts_are_made_last_where_what_they_read_is_smaller(
    tmp_path: Path, depth: int, wide: int, images: int
) -> None:
    compiled = _compiled(_unit(depth, wide, images), tmp_path)
    ops = [step.op for step in compiled.steps]
    assert ops == ["CONV_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "CONV_2D",
                   "CONV_2D"]  # fmt: skip
    effects = {found.name: found for found in compiled.passes}
    before, after = effects["concatenations"], effects["order"]
    assert after.moving_steps == 0
    assert after.arena_bytes < before.arena_bytes


def test_parts_that_read_more_than_the_whole_are_made_at_once(tmp_path: Path) -> None:
    compiled = _compiled(_unit(40, 4, 20), tmp_path)  # 8 x 8 x 40 would wait for 4 x 4 x 48
    assert [step.op for step in compiled.steps][1] == "AVERAGE_POOL_2D"
