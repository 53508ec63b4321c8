"""A ShuffleNet unit, quantized: all that its ops do to memory, in one small model."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from support.models import ModelBuilder, Value, constant

IMAGE = (1, 5, 4)
HALF, GROUPS = 6, 3


class UniformBuilder(ModelBuilder):
    """Builds models whose values all have one scale and zero point, as movers of values need."""

    def value(self, *shape: int) -> int:
        """A variable tensor."""
        return self.tensor(Value(shape, 0.05, -20))

    def integers(self, *values: int) -> int:
        """A constant int32 tensor of one axis."""
        return self.tensor(constant(np.array(values, np.int32)))

    def made(self, op: str, inputs: list[int], *shape: int, options: Any = None) -> int:
        """Adds an op of one output of that shape; the output's number."""
        output = self.value(*shape)
        self.op(op, inputs, [output], options)
        return output


def shuffle_unit() -> bytes:
    """[1, 5, 4, 12] in two halves: one stays, the other goes through a grouped convolution, a
    shuffle of its channels and a depthwise convolution; then both are joined."""
    builder = UniformBuilder()
    whole, left, right = (builder.value(*IMAGE, depth) for depth in (2 * HALF, HALF, HALF))
    axis = builder.tensor(constant(np.array(-1, np.int32)))
    builder.op("SPLIT", [axis, whole], [left, right], schema.SplitOptionsT(numSplits=2))
    grouped = builder.made(
        "CONV_2D",
        [right, _weights(builder, HALF, 1, 1, HALF // GROUPS, axis=0)],
        *(*IMAGE, HALF),
        options=schema.Conv2DOptionsT(strideH=1, strideW=1, fusedActivationFunction=1),
    )
    deep = builder.made(
        "DEPTHWISE_CONV_2D",
        [_shuffled(builder, grouped), _weights(builder, 1, 3, 3, HALF, axis=3)],
        *(*IMAGE, HALF),
        options=schema.DepthwiseConv2DOptionsT(strideH=1, strideW=1, depthMultiplier=1),
    )
    joined = builder.made(
        "CONCATENATION",
        [left, deep],
        *(*IMAGE, 2 * HALF),
        options=schema.ConcatenationOptionsT(axis=3),
    )
    return builder.finish([whole], [joined])


def _weights(builder: ModelBuilder, *shape: int, axis: int) -> int:
    values = np.random.default_rng(len(shape) + axis).integers(-127, 128, shape, dtype=np.int8)
    return builder.tensor(constant(values, scale=[0.01] * HALF, axis=axis))


def _shuffled(builder: UniformBuilder, source: int) -> int:
    """Channel c of group g becomes channel g of group c."""
    apart, together = (*IMAGE, GROUPS, HALF // GROUPS), (*IMAGE, HALF // GROUPS, GROUPS)
    split = builder.made("RESHAPE", [source, builder.integers(*apart)], *apart)
    turned = builder.made("TRANSPOSE", [split, builder.integers(0, 1, 2, 4, 3)], *together)
    return builder.made("RESHAPE", [turned, builder.integers(*IMAGE, HALF)], *(*IMAGE, HALF))
