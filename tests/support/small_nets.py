"""Small models of a few ops, with weights of all signs."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from support.models import ModelBuilder, Value, constant, single_op

NONE, RELU, RELU6 = 0, 1, 3
SAME, VALID = 0, 1


class NetBuilder(ModelBuilder):
    """Adds ops by their output's shape; each method gives the output's number."""

    def __init__(self, scale: float = 0.05, zero_point: int = -20) -> None:
        super().__init__()
        self.scale, self.zero_point = scale, zero_point
        self._rng = np.random.default_rng(7)

    def value(self, *shape: int, **quantization: Any) -> int:
        """A variable tensor."""
        given = {"scale": self.scale, "zero_point": self.zero_point, **quantization}
        return self.tensor(Value(shape, **given))

    def integers(self, values: Any) -> int:
        """A constant int32 tensor."""
        return self.tensor(constant(np.array(values, np.int32)))

    def made(
        self, op: str, inputs: list[int], shape: tuple[int, ...], options: Any = None, **how: Any
    ) -> int:
        """An op of one output."""
        output = self.value(*shape, **how)
        self.op(op, inputs, [output], options)
        return output

    def conv(
        self,
        source: int,
        shape: tuple[int, ...],
        weights: tuple[int, ...],
        *,
        stride: int = 1,
        padding: int = VALID,
        activation: int = NONE,
        **how: Any,
    ) -> int:
        """CONV_2D; `weights` is [out_ch, kernel_h, kernel_w, depth]."""
        options = schema.Conv2DOptionsT(
            padding=padding, strideH=stride, strideW=stride, fusedActivationFunction=activation
        )
        inputs = [source, self._weights(weights, 0), self._bias(weights[0])]
        return self.made("CONV_2D", inputs, shape, options, **how)

    def depthwise(
        self,
        source: int,
        shape: tuple[int, ...],
        kernel: tuple[int, int] = (3, 3),
        *,
        stride: int = 1,
        padding: int = SAME,
        activation: int = 0,
    ) -> int:
        """DEPTHWISE_CONV_2D without multiplier."""
        options = schema.DepthwiseConv2DOptionsT(
            padding=padding, strideH=stride, strideW=stride, depthMultiplier=1,
            fusedActivationFunction=activation,
        )  # fmt: skip
        inputs = [source, self._weights((1, *kernel, shape[-1]), 3), self._bias(shape[-1])]
        return self.made("DEPTHWISE_CONV_2D", inputs, shape, options)

    def pad(self, source: int, shape: tuple[int, ...], rows: Any, columns: Any) -> int:
        """PAD of rows (before, after) and columns."""
        paddings = self.integers([(0, 0), rows, columns, (0, 0)])
        return self.made("PAD", [source, paddings], shape, schema.PadOptionsT())

    def shuffle(self, source: int, shape: tuple[int, ...], groups: int) -> int:
        """Channel c of group g becomes channel g of group c."""
        image, depth = shape[:3], shape[3] // groups
        apart = self.made("RESHAPE", [source, self.integers((*image, groups, depth))],
                          (*image, groups, depth))  # fmt: skip
        order = self.integers((0, 1, 2, 4, 3))
        turned = self.made("TRANSPOSE", [apart, order], (*image, depth, groups))
        return self.made("RESHAPE", [turned, self.integers(shape)], shape)

    def concat(self, sources: list[int], shape: tuple[int, ...], axis: int = 3) -> int:
        """CONCATENATION."""
        options = schema.ConcatenationOptionsT(axis=axis)
        return self.made("CONCATENATION", sources, shape, options)

    def split(self, source: int, shape: tuple[int, ...], count: int = 2) -> list[int]:
        """SPLIT along the last axis into parts of that shape."""
        parts = [self.value(*shape) for _ in range(count)]
        axis = self.tensor(constant(np.array(len(shape) - 1, np.int32)))
        self.op("SPLIT", [axis, source], parts, schema.SplitOptionsT(numSplits=count))
        return parts

    def _weights(self, shape: tuple[int, ...], axis: int) -> int:
        values = self._rng.integers(-127, 128, shape, dtype=np.int8)
        scales = self._rng.uniform(0.003, 0.01, shape[axis]).tolist()
        return self.tensor(constant(values, scale=scales, axis=axis))

    def _bias(self, count: int) -> int:
        values = self._rng.integers(-3000, 3000, count, dtype=np.int32)
        return self.tensor(constant(values))


def wide_net() -> bytes:
    """Residuals, more than sixteen channels, a stride, and memory that is used again."""
    net = NetBuilder()
    image = net.value(1, 9, 7, 3)
    first = net.conv(image, (1, 9, 7, 37), (37, 3, 3, 3), padding=SAME, activation=RELU)
    deep = net.depthwise(first, (1, 5, 4, 37), stride=2)
    narrow = net.conv(deep, (1, 5, 4, 20), (20, 1, 1, 37))
    wide = net.conv(narrow, (1, 5, 4, 20), (20, 3, 3, 20), padding=SAME)
    joined = net.made("ADD", [narrow, wide], (1, 5, 4, 20), schema.AddOptionsT())
    last = net.conv(joined, (1, 5, 4, 11), (11, 1, 1, 20))
    return net.finish([image], [last])


def dilated_depthwise(stride: int) -> bytes:
    """One dilated DEPTHWISE_CONV_2D named `narrow`; no DSP kernel is fast for a stride."""
    weights = np.full((1, 1, 3, 4), 3, np.int8)
    return single_op(
        "DEPTHWISE_CONV_2D",
        [Value((1, 3, 9, 4), 0.1), constant(weights, scale=[0.01] * 4, axis=3)],
        Value((1, 3, 9 // stride, 4), 0.1, -128, name="narrow"),
        schema.DepthwiseConv2DOptionsT(
            strideH=1, strideW=stride, dilationWFactor=2, depthMultiplier=1,
            fusedActivationFunction=RELU,
        ),
        version=2,
    )  # fmt: skip
