from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.graph_runs import noise, ops, passed
from support.models import constant
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.small_nets import NetBuilder

from edgekit.passes.slices import name_slices
from edgekit.tflite import read_graph


def _halves(width: int, axis: int) -> bytes:
    """[1, 4, width, 3] is split along an axis, and each half convolved."""
    net = NetBuilder()
    shape = (1, 4, width, 3)
    half = tuple(extent // 2 if place == axis else extent for place, extent in enumerate(shape))
    image = net.value(*shape)
    whole = net.conv(image, shape, (3, 1, 1, 3))
    parts = [net.value(*half) for _ in range(2)]
    number = net.tensor(constant(np.array(axis, np.int32)))
    net.op("SPLIT", [number, whole], parts, schema.SplitOptionsT(numSplits=2))
    results = [net.conv(part, half, (3, 1, 1, 3)) for part in parts]
    return net.finish([image], [net.made("ADD", results, half, schema.AddOptionsT())])


@pytest.mark.parametrize(
    ("width", "axis", "copied"),
    [(4, 1, False), (2, 1, False), (3, 1, True), (4, 2, True)],
    ids=["rows", "few rows", "rows that begin within a word", "columns"],
)
def test_pieces_of_memory_are_not_copied(
    tmp_path: Path, width: int, axis: int, copied: bool
) -> None:
    model = _halves(width, axis)
    assert ("SPLIT" in ops(passed(model, name_slices))) == copied
    native = NativeModel(model, tmp_path)
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(native.run(x), tflm_outputs(model, x))
    assert ("SPLIT" in [step.op for step in native.compiled.steps]) == copied
