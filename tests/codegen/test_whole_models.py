"""Real models, whole: generated C on the host against TensorFlow Lite Micro, byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from support.native import NativeModel
from support.oracle import tflm_outputs

from edgekit import data, example
from edgekit.quantize import quantize

SHARED = [
    pytest.param("vww_96_int8", marks=pytest.mark.slow),
    pytest.param("resnet8_int8", marks=pytest.mark.slow),
    "kws_int8",
]


def inputs(shape: tuple[int, ...], count: int) -> npt.NDArray[np.int8]:
    """`[count, ...]` int8: noise of all strengths, then the extremes and steps between them."""
    rng = np.random.default_rng(1)
    strength = np.geomspace(1, 128, count - 4).reshape(-1, *[1] * len(shape))
    centre = rng.integers(-128, 128, strength.shape)
    noise = centre + strength * rng.standard_normal((count - 4, *shape))
    flat = [np.full(shape, value) for value in (-128, 127, 0)]
    ramp = np.linspace(-128, 127, int(np.prod(shape))).reshape(shape)
    return np.clip([*noise, *flat, ramp], -128, 127).astype(np.int8)


def assert_equals_tflm(model: bytes, folder: Path, count: int = 100) -> None:
    native = NativeModel(model, folder)
    x = inputs(native.compiled.input.shape, count)
    expected = tflm_outputs(model, x)
    assert len(np.unique(expected, axis=0)) > 10, "these inputs tell little apart"
    np.testing.assert_array_equal(native.run(x), expected)


@pytest.mark.parametrize("name", SHARED)
def test_real_models_equal_tflm(name: str, shared_data: Path, tmp_path: Path) -> None:
    assert_equals_tflm((shared_data / "tflite" / f"{name}.tflite").read_bytes(), tmp_path)


@pytest.mark.slow
def test_the_example_equals_tflm(tmp_path: Path) -> None:
    """The project's own model, on its own images and on noise."""
    pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install 'edgekit[keras]'")
    images = data.load(example.data_path())
    preprocessing = data.preprocess(example.PREPROCESSING)
    made = quantize(example.model_path(), images, preprocessing)
    assert_equals_tflm(made.model, tmp_path)
