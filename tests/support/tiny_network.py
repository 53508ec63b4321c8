"""A tiny quantized network: what the compiler's own tests compile."""

from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from support.models import ModelBuilder, Value, constant


def tiny_model() -> bytes:
    """A convolution, a depthwise one, a reshape and a dense layer, all of it small."""
    rng = np.random.default_rng(7)

    def weights(*shape: int) -> np.ndarray:
        return rng.integers(-127, 128, shape, dtype=np.int8)

    def bias(channels: int) -> np.ndarray:
        return rng.integers(-500, 500, channels, dtype=np.int32)

    builder = ModelBuilder()
    image = builder.tensor(Value((1, 6, 5, 2), 1 / 255, -128, name="image"))
    first = builder.tensor(Value((1, 3, 3, 3), 0.05, -128, name="net/conv"))
    second = builder.tensor(Value((1, 3, 3, 3), 0.1, 3, name="net/depthwise"))
    flat = builder.tensor(Value((1, 27), 0.1, 3, name="net/flatten"))
    out = builder.tensor(Value((1, 3), 0.2, 5, name="scores"))
    builder.op(
        "CONV_2D",
        [
            image,
            builder.tensor(constant(weights(3, 3, 3, 2), scale=[0.01, 0.02, 0.03])),
            builder.tensor(constant(bias(3), scale=0.01)),
        ],
        [first],
        schema.Conv2DOptionsT(strideH=2, strideW=2, fusedActivationFunction=3),
    )
    builder.op(
        "DEPTHWISE_CONV_2D",
        [
            first,
            builder.tensor(constant(weights(1, 3, 2, 3), scale=[0.01, 0.01, 0.02], axis=3)),
            builder.tensor(constant(bias(3), scale=0.01)),
        ],
        [second],
        schema.DepthwiseConv2DOptionsT(strideH=1, strideW=1, depthMultiplier=1),
    )
    shape = builder.tensor(constant(np.array([1, 27], np.int32)))
    builder.op("RESHAPE", [second, shape], [flat], schema.ReshapeOptionsT(newShape=[1, 27]))
    builder.op(
        "FULLY_CONNECTED",
        [
            flat,
            builder.tensor(constant(weights(3, 27), scale=0.01)),
            builder.tensor(constant(bias(3), scale=0.001)),
        ],
        [out],
        schema.FullyConnectedOptionsT(),
    )
    return builder.finish([image], [out])
