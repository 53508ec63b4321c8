"""A classifier of 6×4 grey images into seven classes, float and int8, made without TensorFlow.

One convolution over the whole image, then a reshape to [1, 7]. The labels are what the float
model says, but for one image in ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from support.models import ModelBuilder, Value, constant

SHAPE = (6, 4, 1)
CLASSES = 7
_OUTPUT_SCALE = 1 / 24


@dataclass(frozen=True)
class Files:
    """Where `write` put things."""

    float_model: Path
    int8_model: Path
    data: Path


def _weights() -> np.ndarray:
    return np.random.default_rng(7).normal(0, 0.4, (CLASSES, *SHAPE)).astype(np.float32)


def _convolution() -> object:
    options = schema.Conv2DOptionsT()
    options.padding = schema.Padding.VALID
    options.strideH = options.strideW = 1
    options.dilationHFactor = options.dilationWFactor = 1
    return options


def _model(source: Value, weights: Value, bias: Value, conv: Value, flat: Value) -> bytes:
    builder = ModelBuilder()
    numbers = [builder.tensor(value) for value in (source, weights, bias)]
    middle, last = builder.tensor(conv), builder.tensor(flat)
    shape = builder.tensor(constant(np.array([1, CLASSES], np.int32)))
    builder.op("CONV_2D", numbers, [middle], _convolution(), version=3)
    builder.op("RESHAPE", [middle, shape], [last], schema.ReshapeOptionsT())
    return builder.finish([numbers[0]], [last])


def float_model(*, bias: float = 0.0) -> bytes:
    """Takes x / 255."""
    kinds = {"dtype": "float32"}
    return _model(
        Value((1, *SHAPE), name="image", **kinds),
        constant(_weights()),
        constant(np.full(CLASSES, bias, np.float32)),
        Value((1, 1, 1, CLASSES), **kinds),
        Value((1, CLASSES), name="scores", **kinds),
    )


def int8_model(*, input_scale: float = 1 / 255, input_zero_point: int = -128) -> bytes:
    """The same, quantized per channel."""
    weights = _weights()
    scales = np.abs(weights).max(axis=(1, 2, 3)) / 127
    quantized = np.round(weights / scales[:, None, None, None]).astype(np.int8)
    out = {"scale": _OUTPUT_SCALE, "zero_point": 0}
    return _model(
        Value((1, *SHAPE), input_scale, input_zero_point, name="image"),
        constant(quantized, scale=scales, axis=0),
        constant(np.zeros(CLASSES, np.int32), scale=scales * input_scale),
        Value((1, 1, 1, CLASSES), **out),
        Value((1, CLASSES), name="scores", **out),
    )


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise [n, 6, 4, 1] uint8, and its labels."""
    x = np.random.default_rng(3).integers(0, 256, (count, *SHAPE)).astype(np.uint8)
    scores = np.einsum("nhwc,ohwc->no", x / 255, _weights())
    y = scores.argmax(axis=1)
    y[::10] = (y[::10] + 1) % CLASSES
    return x, y


def write(folder: Path, count: int = 120) -> Files:
    """Both models, and images as an .npz."""
    files = Files(folder / "seven.tflite", folder / "seven_int8.tflite", folder / "seven.npz")
    files.float_model.write_bytes(float_model())
    files.int8_model.write_bytes(int8_model())
    x, y = images(count)
    np.savez(files.data, x=x, y=y)
    return files
