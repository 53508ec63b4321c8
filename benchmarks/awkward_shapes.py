"""Layers of one op each, smooth and awkward, and the model that holds them all.

Every awkward shape names its neighbour: the same layer with the next rounder number in the place of
the awkward one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from support.models import constant
from support.small_nets import NONE, RELU, SAME, VALID, NetBuilder

IMAGE = "16 x 16"
_CHANNELS = 4
"""Of the model's input."""


@dataclass(frozen=True)
class Shape:
    """A layer. `op` is conv, depthwise, dense, add, average or max; dense images are 1 x 1."""

    name: str
    neighbour: str | None = None
    op: str = "conv"
    size: tuple[int, int] = (16, 16)
    inputs: int = 8
    outputs_each: int = 16
    """Output channels; of a depthwise one, for each input channel."""
    kernel: tuple[int, int] = (3, 3)
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    activation: int = RELU
    lowest: int = -127
    padding: int = SAME

    @property
    def channels(self) -> int:
        """Of its output."""
        if self.op in ("add", "average", "max"):
            return self.inputs
        return self.inputs * self.outputs_each if self.op == "depthwise" else self.outputs_each

    @property
    def extents(self) -> tuple[int, int]:
        """Height and width of its output."""
        if self.op in ("add", "dense"):
            return self.size
        reach = [(k - 1) * self.dilation * (self.padding == VALID) for k in self.kernel]
        h, w = (-(-(n - r) // self.stride) for n, r in zip(self.size, reach, strict=True))
        return h, w

    @property
    def outputs(self) -> int:
        """Values of its output."""
        return self.extents[0] * self.extents[1] * self.channels


def _beside(base: Shape, **awkward: dict[str, object]) -> tuple[Shape, ...]:
    """`base`, and the same with other fields, by name; `beside` may name another neighbour."""
    found = [base]
    for name, changes in awkward.items():
        fields = dict(changes)
        neighbour = fields.pop("beside", base.name)
        words = f"{base.name}, {name.replace('_', ' ')}"
        found.append(replace(base, name=words, neighbour=neighbour, **fields))  # type: ignore[arg-type]
    return tuple(found)


_CONV = Shape("conv 3x3, 8 to 16")
_POINT = Shape("conv 1x1, 16 to 16", inputs=16, kernel=(1, 1))
_THIN = Shape("conv 1x1, 4 to 16", inputs=4, kernel=(1, 1))
_GROUPED = Shape("conv 3x3, 4 groups of 4 to 4", inputs=16, outputs_each=16, groups=4)
_DEPTHWISE = Shape("depthwise 3x3, 16", op="depthwise", inputs=16, outputs_each=1)
_FIVE = replace(_DEPTHWISE, name="depthwise 5x5, 16", kernel=(5, 5), neighbour=_DEPTHWISE.name)
_SEVEN = replace(_DEPTHWISE, name="depthwise 7x7, 16", kernel=(7, 7), neighbour=_DEPTHWISE.name)
_DENSE = Shape("dense 256 to 64", op="dense", size=(1, 1), inputs=256, outputs_each=64)
_ADD = Shape("add, 16", op="add", inputs=16)

SHAPES: tuple[Shape, ...] = (
    *_beside(
        _CONV,
        of_7={"inputs": 7},
        to_15={"outputs_each": 15},
        of_5_to_13={"inputs": 5, "outputs_each": 13},
        of_3={"inputs": 3},
        of_2={"inputs": 2, "beside": "conv 3x3, 8 to 16, of 3"},
        of_1={"inputs": 1, "beside": "conv 3x3, 8 to 16, of 2"},
        on_15_x_13={"size": (15, 13)},
        stride_2={"stride": 2},
        stride_3={"stride": 3},
        dilated={"dilation": 2},
        linear={"activation": NONE},
        weights_of_minus_128={"lowest": -128},
        without_padding={"padding": VALID},
    ),
    *_beside(
        Shape("conv 5x5, 8 to 16", kernel=(5, 5), neighbour=_CONV.name),
        of_7={"inputs": 7},
    ),
    *_beside(
        Shape("conv 7x7, 4 to 16", kernel=(7, 7), inputs=4, stride=2, neighbour=_CONV.name),
        of_3={"inputs": 3},
    ),
    *_beside(
        _POINT,
        of_15={"inputs": 15},
        of_17={"inputs": 17},
        to_15={"outputs_each": 15},
        to_17={"outputs_each": 17},
        to_8={"outputs_each": 8},
        of_13_to_8={"inputs": 13, "outputs_each": 8, "beside": "conv 1x1, 16 to 16, to 8"},
        of_13_to_7={"inputs": 13, "outputs_each": 7, "beside": "conv 1x1, 16 to 16, of 13 to 8"},
        on_15_x_13={"size": (15, 13)},
        stride_2={"stride": 2},
        stride_3={"stride": 3},
        linear={"activation": NONE},
        linear_of_15={"activation": NONE, "inputs": 15},
        weights_of_minus_128={"lowest": -128},
        to_4={"outputs_each": 4},
        to_3={"outputs_each": 3, "beside": "conv 1x1, 16 to 16, to 4"},
        to_2={"outputs_each": 2, "beside": "conv 1x1, 16 to 16, to 3"},
        to_1={"outputs_each": 1, "beside": "conv 1x1, 16 to 16, to 2"},
    ),
    *_beside(
        _THIN,
        of_3={"inputs": 3},
        of_2={"inputs": 2, "beside": "conv 1x1, 4 to 16, of 3"},
        of_1={"inputs": 1, "beside": "conv 1x1, 4 to 16, of 2"},
    ),
    *_beside(
        _GROUPED,
        of_4_to_2={"outputs_each": 8, "beside": "conv 3x3, 4 groups of 4 to 4, of 4 to 3"},
        of_4_to_1={"outputs_each": 4, "beside": "conv 3x3, 4 groups of 4 to 4, of 4 to 2"},
        of_4_to_3={"outputs_each": 12},
        of_3_to_3={"inputs": 12, "outputs_each": 12,
                   "beside": "conv 3x3, 4 groups of 4 to 4, of 4 to 3"},
        of_2_to_2={"groups": 8, "beside": "conv 3x3, 4 groups of 4 to 4, of 3 to 3"},
        one_channel_each={"groups": 16, "beside": _DEPTHWISE.name},
        one_to_2={"groups": 16, "outputs_each": 32, "beside": _DEPTHWISE.name},
        pointwise={"kernel": (1, 1), "beside": _THIN.name},
        pointwise_of_4_to_8={"kernel": (1, 1), "outputs_each": 32, "beside": _THIN.name},
        pointwise_of_4_to_5={"kernel": (1, 1), "outputs_each": 20,
                             "beside": "conv 3x3, 4 groups of 4 to 4, pointwise of 4 to 8"},
        pointwise_of_3_to_5={"kernel": (1, 1), "inputs": 12, "outputs_each": 20,
                             "beside": "conv 3x3, 4 groups of 4 to 4, pointwise of 4 to 5"},
    ),
    *_beside(
        _DEPTHWISE,
        of_15={"inputs": 15},
        of_17={"inputs": 17},
        of_4={"inputs": 4},
        of_3={"inputs": 3, "beside": "depthwise 3x3, 16, of 4"},
        on_15_x_13={"size": (15, 13)},
        stride_2={"stride": 2},
        stride_3={"stride": 3, "beside": "depthwise 3x3, 16, stride 2"},
        dilated={"dilation": 2},
        linear={"activation": NONE},
        linear_stride_2={"activation": NONE, "stride": 2},
        weights_of_minus_128={"lowest": -128},
        multiplier_2={"outputs_each": 2},
        multiplier_3={"outputs_each": 3, "inputs": 5},
        of_2x2={"kernel": (2, 2)},
        of_1x3={"kernel": (1, 3), "beside": "depthwise 3x3, 16, of 2x2"},
        of_3x1={"kernel": (3, 1), "beside": "depthwise 3x3, 16, of 1x3"},
        of_4x4={"kernel": (4, 4)},
        without_padding={"padding": VALID},
    ),
    *_beside(_FIVE, of_15={"inputs": 15}, stride_2={"stride": 2}, dilated={"dilation": 2}),
    *_beside(_SEVEN, of_15={"inputs": 15}, stride_2={"stride": 2}, linear={"activation": NONE}),
    *_beside(
        _DENSE,
        of_255={"inputs": 255},
        of_257={"inputs": 257},
        to_63={"outputs_each": 63},
        to_10={"outputs_each": 10},
        to_4={"outputs_each": 4},
        to_2={"outputs_each": 2, "beside": "dense 256 to 64, to 4"},
        to_1={"outputs_each": 1, "beside": "dense 256 to 64, to 2"},
        linear={"activation": NONE},
    ),
    *_beside(_ADD, of_15={"inputs": 15}, linear={"activation": NONE}),
    *_beside(
        Shape("average pool 2x2, 16", op="average", inputs=16, kernel=(2, 2), stride=2),
        of_15={"inputs": 15},
    ),
    *_beside(
        Shape("max pool 2x2, 16", op="max", inputs=16, kernel=(2, 2), stride=2),
        of_15={"inputs": 15},
    ),
)  # fmt: skip
"""In the order in which tables list them."""


_IN_ONE = 24
"""The planner's time grows with more than the square of what lies side by side."""


def models() -> Iterator[bytes]:
    """All shapes, each an op whose output has its name, some side by side in one model."""
    for first in range(0, len(SHAPES), _IN_ONE):
        net = _Net(zero_point=-128)
        image = net.value(1, 1, 1, _CHANNELS)
        yield net.finish([image], [net.all_of(image, SHAPES[first : first + _IN_ONE])])


class _Net(NetBuilder):
    """The model in the making."""

    def all_of(self, image: int, shapes: Sequence[Shape]) -> int:
        """The means of what they give, joined."""
        means = []
        for shape in shapes:
            made = self._layer(self._source(image, shape), shape)
            axes = self.integers([1, 2])
            options = schema.ReducerOptionsT(keepDims=True)
            means.append(self.made("MEAN", [made, axes], (1, 1, 1, shape.channels), options))
        total = sum(shape.channels for shape in shapes)
        return self.concat(means, (1, 1, 1, total))

    def _source(self, image: int, shape: Shape) -> int:
        """An image of that size and so many channels."""
        h, w = shape.size
        grown = self.integers([h, w])
        options = schema.ResizeNearestNeighborOptionsT()
        resized = self.made(
            "RESIZE_NEAREST_NEIGHBOR", [image, grown], (1, h, w, _CHANNELS), options
        )
        return self.conv(
            resized, (1, h, w, shape.inputs), (shape.inputs, 1, 1, _CHANNELS), activation=RELU
        )

    def _layer(self, source: int, shape: Shape) -> int:
        output = (1, *shape.extents, shape.channels)
        zero_point = -128 if shape.activation else -3
        how = {"name": shape.name, "zero_point": zero_point, "scale": 0.3}
        if shape.op == "add":
            options = schema.AddOptionsT(fusedActivationFunction=shape.activation)
            how["scale"] = 0.11
            return self.made("ADD", [source, self._second(source, shape)], output, options, **how)
        if shape.op in ("average", "max"):
            return self._pool(source, shape, output)
        if shape.op == "dense":
            return self._dense(source, shape, how)
        return self._convolution(source, shape, output, how)

    def _second(self, source: int, shape: Shape) -> int:
        size = (shape.inputs, 1, 1, shape.inputs)
        return self.conv(source, (1, *shape.size, shape.inputs), size, scale=0.07, zero_point=-5)

    def _pool(self, source: int, shape: Shape, output: tuple[int, ...]) -> int:
        h, w = shape.kernel
        options = schema.Pool2DOptionsT(
            padding=shape.padding, strideH=shape.stride, strideW=shape.stride,
            filterHeight=h, filterWidth=w,
        )  # fmt: skip
        op = "AVERAGE_POOL_2D" if shape.op == "average" else "MAX_POOL_2D"
        return self.made(op, [source], output, options, name=shape.name)

    def _dense(self, source: int, shape: Shape, how: dict[str, object]) -> int:
        rows = self.reshaped(source, (1, shape.inputs))
        options = schema.FullyConnectedOptionsT(fusedActivationFunction=shape.activation)
        constants = self._constants((shape.channels, shape.inputs), 0, shape.lowest)
        made = self.made("FULLY_CONNECTED", [rows, *constants], (1, shape.channels), options, **how)
        return self.reshaped(made, (1, 1, 1, shape.channels))

    def reshaped(self, source: int, to: tuple[int, ...]) -> int:
        """RESHAPE."""
        return self.made("RESHAPE", [source, self.integers(to)], to)

    def _convolution(
        self, source: int, shape: Shape, output: tuple[int, ...], how: dict[str, object]
    ) -> int:
        window = {
            "padding": shape.padding, "fusedActivationFunction": shape.activation,
            "strideH": shape.stride, "strideW": shape.stride,
            "dilationHFactor": shape.dilation, "dilationWFactor": shape.dilation,
        }  # fmt: skip
        if shape.op == "depthwise":
            constants = self._constants((1, *shape.kernel, shape.channels), 3, shape.lowest)
            options = schema.DepthwiseConv2DOptionsT(depthMultiplier=shape.outputs_each, **window)
            return self.made("DEPTHWISE_CONV_2D", [source, *constants], output, options, **how)
        size = (shape.channels, *shape.kernel, shape.inputs // shape.groups)
        constants = self._constants(size, 0, shape.lowest)
        return self.made("CONV_2D", [source, *constants], output, schema.Conv2DOptionsT(**window),
                         **how)  # fmt: skip

    def _constants(self, size: tuple[int, ...], axis: int, lowest: int) -> list[int]:
        """Weights as a trained layer has them, most of them small, and a bias."""
        drawn = self._rng.normal(0, 30, size).round()
        values = np.clip(drawn, -127, 127).astype(np.int8)
        values[values == 0] = 1  # channels that meet nothing else would be left out
        if lowest == -128:
            values.reshape(-1)[:2] = -128
        scales = self._rng.uniform(0.003, 0.01, size[axis]).tolist()
        return [self.tensor(constant(values, scale=scales, axis=axis)), self._bias(size[axis])]
