"""Models whose layers run a few rows at a time: the same bytes from less memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.small_nets import RELU, SAME, VALID, NetBuilder

from edgekit.codegen import aot
from edgekit.codegen.optimizing import optimized
from edgekit.ops.attributes import Padding, window_output
from edgekit.planner import Budget
from edgekit.tflite import read_graph

_PADDINGS = {SAME: Padding.SAME, VALID: Padding.VALID}


def _drawn_net(seed: int) -> bytes:
    """Convolutions, depthwise ones, poolings and an addition, of unlike strides and sizes."""
    rng = np.random.default_rng(seed)
    builder = NetBuilder()
    shape = (1, int(rng.integers(11, 24)), int(rng.integers(5, 12)), 4)
    image = source = builder.value(*shape)
    for kind in rng.permutation(["conv", "depthwise", "pool", "residual", "conv", "depthwise"]):
        kernel = int(rng.integers(1, 5)), int(rng.integers(1, 5))
        stride = 1 + int(kind != "residual" and shape[1] > 8 and rng.random() < 0.5)
        padding = VALID if rng.random() < 0.3 and min(shape[1:3]) > 5 else SAME
        channels = 4 * int(rng.integers(1, 4)) if kind == "conv" else shape[3]
        grid = [
            window_output(extent, window, stride, 1, _PADDINGS[padding])
            for extent, window in zip(shape[1:3], kernel, strict=True)
        ]
        made = (1, *grid, channels)
        if kind == "conv":
            weights = (channels, *kernel, shape[3])
            source = builder.conv(
                source, made, weights, stride=stride, padding=padding, activation=RELU
            )
        elif kind == "depthwise":
            source = builder.depthwise(source, made, kernel, stride=stride, padding=padding)
        elif kind == "pool":
            options = schema.Pool2DOptionsT(
                padding=padding, strideH=stride, strideW=stride,
                filterHeight=kernel[0], filterWidth=kernel[1],
            )  # fmt: skip
            source = builder.made("MAX_POOL_2D", [source], made, options)
        else:
            made = shape
            inner = builder.conv(source, shape, (shape[3], 3, 3, shape[3]), padding=SAME)
            source = builder.made("ADD", [source, inner], shape, schema.AddOptionsT())
        shape = made
    return builder.finish([image], [source])


def _arenas(model: bytes) -> list[int]:
    return [
        found.arena_bytes for found in Budget(optimized(read_graph(model, "net")).graph).frontier()
    ]


@pytest.mark.parametrize(
    "seed", [5, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(5))]
)
def test_rolled_models_equal_tflm(seed: int, tmp_path: Path) -> None:
    model = _drawn_net(seed)
    arenas = _arenas(model)
    assert len(arenas) > 1, "nothing could be rolled"
    assert arenas == sorted(arenas, reverse=True)
    rng = np.random.default_rng(seed)
    for ram_bytes in {arenas[1], arenas[-1]}:
        native = NativeModel(model, tmp_path / str(ram_bytes), ram_bytes=ram_bytes)
        assert native.compiled.arena_bytes == ram_bytes
        assert "ROLLED" in {step.op for step in native.compiled.steps}
        x = rng.integers(-128, 128, (6, *native.compiled.input.shape), dtype=np.int8)
        expected = tflm_outputs(model, x)
        np.testing.assert_array_equal(native.run(x).reshape(expected.shape), expected)


def test_a_budget_that_is_met_changes_nothing(tmp_path: Path) -> None:
    model = _drawn_net(0)
    free = aot.generate(model, "net", tmp_path / "free")
    kept = aot.generate(model, "net", tmp_path / "kept", ram_bytes=free.arena_bytes)
    assert kept == free


def test_a_rolled_model_counts_the_same_work(tmp_path: Path) -> None:
    model = _drawn_net(1)
    free = aot.generate(model, "net", tmp_path / "free")
    small = aot.generate(model, "net", tmp_path / "small", ram_bytes=1)
    assert small.macs == free.macs
    assert small.weights_bytes == free.weights_bytes
    assert len(small.steps) < len(free.steps)
    assert small.passes[-1].arena_bytes == small.arena_bytes


@pytest.mark.slow  # test_rolled_models_equal_tflm does this with a drawn model
@pytest.mark.parametrize(
    ("name", "most", "least"),
    [
        ("vww_96", 55_328, 30_000),
        ("resnet8", 49_728, 22_000),
        ("kws", 16_256, 9_600),
    ],
)
def test_real_models_run_in_far_less_memory(
    name: str, most: int, least: int, shared_data: Path, tmp_path: Path
) -> None:
    model = (shared_data / "tflite" / f"{name}_int8.tflite").read_bytes()
    native = NativeModel(model, tmp_path, ram_bytes=least)
    assert native.compiled.arena_bytes <= least < most
    rng = np.random.default_rng(0)
    x = rng.integers(-128, 128, (20, *native.compiled.input.shape), dtype=np.int8)
    np.testing.assert_array_equal(native.run(x), tflm_outputs(model, x))
