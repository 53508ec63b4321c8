"""The block of MobileNetV3 that needs the most ops on single values, whole, against TFLM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from support.models import ModelBuilder, Value, constant
from support.native import NativeModel
from support.oracle import tflm_outputs

IMAGE = (1, 9, 7, 12)
GATE = (1, 1, 1, 12)
RELU6 = 3


def fused(name: str, activation: int = 0) -> Any:
    options = getattr(schema, f"{name}OptionsT")()
    options.fusedActivationFunction = activation
    return options


def squeeze_and_excite() -> bytes:
    """swish = hard_swish(x); tanh(max_pool(swish * relu6(mean(swish) + 3) / 6 - x))."""
    model = ModelBuilder()
    image = model.tensor(Value(IMAGE, 0.025, -7))
    swish = model.tensor(Value(IMAGE, 0.014, -101))
    squeezed = model.tensor(Value(GATE, 0.008, -100))
    shifted = model.tensor(Value(GATE, 6 / 255, -128))
    gate = model.tensor(Value(GATE, 1 / 255, -128))
    excited = model.tensor(Value(IMAGE, 0.013, -105))
    joined = model.tensor(Value(IMAGE, 0.02, -20))
    pooled = model.tensor(Value((1, 4, 3, 12), 0.02, -20))
    bounded = model.tensor(Value((1, 4, 3, 12), 1 / 128, 0))
    three = model.tensor(constant(np.array([127], np.int8), scale=3 / 127))
    sixth = model.tensor(constant(np.array([127], np.int8), scale=1 / 6 / 127))
    axes = model.tensor(constant(np.array([1, 2], np.int32)))
    keep = schema.ReducerOptionsT()
    keep.keepDims = True
    window = schema.Pool2DOptionsT()
    window.padding = schema.Padding.VALID
    window.filterHeight, window.filterWidth, window.strideH, window.strideW = 3, 2, 2, 2
    model.op("HARD_SWISH", [image], [swish], schema.HardSwishOptionsT())
    model.op("MEAN", [swish, axes], [squeezed], keep)
    model.op("ADD", [squeezed, three], [shifted], fused("Add", RELU6))
    model.op("MUL", [shifted, sixth], [gate], fused("Mul"))
    model.op("MUL", [swish, gate], [excited], fused("Mul"))
    model.op("SUB", [excited, image], [joined], fused("Sub"))
    model.op("MAX_POOL_2D", [joined], [pooled], window)
    model.op("TANH", [pooled], [bounded])
    return model.finish([image], [bounded])


def test_the_whole_block_equals_tflm(tmp_path: Path) -> None:
    model = squeeze_and_excite()
    native = NativeModel(model, tmp_path)
    rng = np.random.default_rng(0)
    noise = rng.integers(-128, 128, (60, *IMAGE[1:]))
    strength, offset = rng.random((2, 60, 1, 1, 1))
    x = np.clip(noise * strength + 200 * (offset - 0.5), -128, 127).astype(np.int8)
    expected = tflm_outputs(model, x)
    assert len(np.unique(expected)) > 60, "these inputs tell little apart"
    np.testing.assert_array_equal(native.run(x), expected)


def test_values_are_replaced_in_place(tmp_path: Path) -> None:
    """Alive at most: the image, its swish, and the gate."""
    compiled = NativeModel(squeeze_and_excite(), tmp_path).compiled
    cells = int(np.prod(IMAGE))
    assert compiled.arena_bytes == 2 * cells + 12


def test_arithmetic_with_one_constant_is_a_table(tmp_path: Path) -> None:
    compiled = NativeModel(squeeze_and_excite(), tmp_path).compiled
    source = (tmp_path / "model.c").read_text()
    tables = [step.op for step in compiled.steps if f"s{step.index}_table[256]" in source]
    # The gate's sum and its product with 1/6 are one.
    assert tables == ["HARD_SWISH", "QUANTIZE", "TANH"]
