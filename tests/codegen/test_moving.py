"""Models that move values, whole: ops of several inputs and outputs, names for the same memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema
from support.models import constant
from support.native import NativeModel
from support.oracle import litert_outputs, tflm_outputs
from support.shuffle_unit import UniformBuilder, shuffle_unit


def assert_equals(
    oracle: Callable[..., npt.NDArray[Any]], model: bytes, folder: Path, count: int = 20
) -> NativeModel:
    """The generated C gives the oracle's bytes."""
    native = NativeModel(model, folder)
    shape = native.compiled.input.shape
    x = np.random.default_rng(0).integers(-128, 128, (count, *shape), dtype=np.int8)
    found = native.run(x)
    assert len(np.unique(found, axis=0)) > count // 2, "these inputs tell little apart"
    np.testing.assert_array_equal(found, oracle(model, x[:, None]).reshape(found.shape))
    return native


def test_a_channel_shuffle_unit_equals_tflm(tmp_path: Path) -> None:
    native = assert_equals(tflm_outputs, shuffle_unit(), tmp_path, count=100)
    macs = {step.op: step.macs for step in native.compiled.steps if step.macs}
    assert macs == {"CONV_2D": 5 * 4 * 6 * 2, "DEPTHWISE_CONV_2D": 5 * 4 * 6 * 9}


def test_twelve_parts_put_together_again_equal_litert(tmp_path: Path) -> None:
    """TFLM joins ten at most."""
    builder = UniformBuilder()
    whole, parts = builder.value(1, 3, 24), [builder.value(1, 3, 2) for _ in range(12)]
    axis = builder.tensor(constant(np.array(2, np.int32)))
    builder.op("SPLIT", [axis, whole], parts, schema.SplitOptionsT(numSplits=12))
    options = schema.ConcatenationOptionsT(axis=1)
    joined = builder.made("CONCATENATION", [*parts[::-1], parts[3]], 1, 39, 2, options=options)
    assert_equals(litert_outputs, builder.finish([whole], [joined]), tmp_path)


def test_an_output_that_nobody_reads_overwrites_nothing(tmp_path: Path) -> None:
    builder = UniformBuilder()
    whole, rows = builder.value(1, 4, 5), [builder.value(1, 5) for _ in range(4)]
    builder.op("UNPACK", [whole], rows, schema.UnpackOptionsT(axis=1, num=4))
    chosen = [rows[3], rows[0], rows[2], rows[0]]
    options = schema.PackOptionsT(axis=2, valuesCount=4)
    packed = builder.made("PACK", chosen, 1, 5, 4, options=options)
    assert_equals(tflm_outputs, builder.finish([whole], [packed]), tmp_path)


def test_axes_of_one_cost_nothing_and_a_result_may_have_no_batch(tmp_path: Path) -> None:
    builder = UniformBuilder()
    image = builder.value(1, 2, 3, 5)
    turned = builder.made("TRANSPOSE", [image, builder.integers(0, 3, 1, 2)], 1, 5, 2, 3)
    wide = builder.made("EXPAND_DIMS", [turned, builder.integers(2)], 1, 5, 1, 2, 3)
    deep = builder.made("RESHAPE", [wide, builder.integers(1, 5, 1, 6, 1)], 1, 5, 1, 6, 1)
    flat = builder.made("SQUEEZE", [deep], 5, 6, options=schema.SqueezeOptionsT(squeezeDims=[]))
    row = builder.made(
        "STRIDED_SLICE",
        [flat, builder.integers(1, 5), builder.integers(0, -7), builder.integers(1, -2)],
        3,
        options=schema.StridedSliceOptionsT(shrinkAxisMask=1),
    )
    native = assert_equals(tflm_outputs, builder.finish([image], [row]), tmp_path)
    assert native.compiled.output.shape == (3,)
    steps = {step.op for step in native.compiled.steps}
    assert not steps & {"EXPAND_DIMS", "RESHAPE", "SQUEEZE"}
