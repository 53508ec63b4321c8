"""Each kind of layer says all there is to say of it: shape, weights, work, and its Keras layer.

Shapes leave the batch out: (h, w, c) for images, (c,) for vectors. Padding is "same" throughout.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """Counts of values: trained ones by kind, and statistics that are kept but not trained."""

    kernel: int = 0
    bias: int = 0
    scale_and_offset: int = 0
    statistics: int = 0

    @property
    def trained(self) -> int:
        """What papers call the number of parameters."""
        return self.kernel + self.bias + self.scale_and_offset

    @property
    def total(self) -> int:
        """Trained values and statistics."""
        return self.trained + self.statistics


class Layer(abc.ABC):
    """A kind of layer with its settings."""

    in_place: ClassVar[bool] = False
    """Whether the int8 model fuses or drops it, so that it needs no memory of its own."""

    @abc.abstractmethod
    def output(self, inputs: Sequence[Shape]) -> Shape:
        """The output's shape from the inputs' shapes."""

    @abc.abstractmethod
    def keras(self, layers: Any, name: str) -> Any:
        """The Keras layer; `layers` is `keras.layers`."""

    def weights(self, shape: Shape) -> Weights:
        """How many values it holds when its input has this shape."""
        return Weights()

    def macs(self, shape: Shape) -> int:
        """Multiply-accumulates for one input of this shape."""
        return 0

    def outputs_per_kernel(self) -> int:
        """Output channels that have an int32 bias in the int8 model, 0 for none."""
        return 0


@dataclass(frozen=True, slots=True)
class Conv(Layer):
    """A convolution: `filters` kernels of `kernel` × `kernel`, over `groups` groups of channels."""

    filters: int
    kernel: int = 1
    stride: int = 1
    groups: int = 1
    bias: bool = False

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[⌈h/stride⌉, ⌈w/stride⌉, filters]."""
        return (*_strided(inputs[0], self.stride), self.filters)

    def weights(self, shape: Shape) -> Weights:
        """One kernel per filter over its group's channels."""
        kernel = self.kernel**2 * shape[-1] // self.groups * self.filters
        return Weights(kernel=kernel, bias=self.filters if self.bias else 0)

    def macs(self, shape: Shape) -> int:
        """Each kernel value once per output pixel."""
        return math.prod(_strided(shape, self.stride)) * self.weights(shape).kernel

    def outputs_per_kernel(self) -> int:
        """Its filters."""
        return self.filters

    def keras(self, layers: Any, name: str) -> Any:
        """`Conv2D`."""
        return layers.Conv2D(
            self.filters,
            self.kernel,
            strides=self.stride,
            padding="same",
            groups=self.groups,
            use_bias=self.bias,
            name=name,
        )


@dataclass(frozen=True, slots=True)
class DepthwiseConv(Layer):
    """A convolution of each of `channels` channels by itself."""

    channels: int
    kernel: int = 3
    stride: int = 1
    bias: bool = False

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[⌈h/stride⌉, ⌈w/stride⌉, c]."""
        assert inputs[0][-1] == self.channels
        return (*_strided(inputs[0], self.stride), self.channels)

    def weights(self, shape: Shape) -> Weights:
        """One kernel per channel."""
        return Weights(
            kernel=self.kernel**2 * self.channels, bias=self.channels if self.bias else 0
        )

    def macs(self, shape: Shape) -> int:
        """Each kernel value once per output pixel."""
        return math.prod(_strided(shape, self.stride)) * self.weights(shape).kernel

    def outputs_per_kernel(self) -> int:
        """Its channels."""
        return self.channels

    def keras(self, layers: Any, name: str) -> Any:
        """`DepthwiseConv2D`."""
        return layers.DepthwiseConv2D(
            self.kernel, strides=self.stride, padding="same", use_bias=self.bias, name=name
        )


@dataclass(frozen=True, slots=True)
class Dense(Layer):
    """A matrix with a bias, as classifiers end with."""

    units: int

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[units]."""
        return (self.units,)

    def weights(self, shape: Shape) -> Weights:
        """A row and a bias per unit."""
        return Weights(kernel=shape[-1] * self.units, bias=self.units)

    def macs(self, shape: Shape) -> int:
        """Each matrix value once."""
        return self.weights(shape).kernel

    def outputs_per_kernel(self) -> int:
        """Its units."""
        return self.units

    def keras(self, layers: Any, name: str) -> Any:
        """`Dense`."""
        return layers.Dense(self.units, name=name)


class _Unchanged(Layer):
    """A layer whose output looks like its first input."""

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """As the first input."""
        return inputs[0]


@dataclass(frozen=True, slots=True)
class BatchNorm(_Unchanged):
    """Batch normalization; the int8 model folds it into the convolution before it."""

    in_place: ClassVar[bool] = True

    def weights(self, shape: Shape) -> Weights:
        """Per channel scale and offset, and the statistics mean and variance."""
        return Weights(scale_and_offset=2 * shape[-1], statistics=2 * shape[-1])

    def keras(self, layers: Any, name: str) -> Any:
        """`BatchNormalization`."""
        return layers.BatchNormalization(name=name)


@dataclass(frozen=True, slots=True)
class Activation(_Unchanged):
    """``relu6``, ``relu`` or ``softmax``."""

    function: str
    in_place: ClassVar[bool] = True

    def keras(self, layers: Any, name: str) -> Any:
        """`ReLU`, or `Activation`."""
        if self.function == "relu6":
            return layers.ReLU(6.0, name=name)
        return layers.Activation(self.function, name=name)


@dataclass(frozen=True, slots=True)
class Dropout(_Unchanged):
    """Dropout, in training only."""

    rate: float
    in_place: ClassVar[bool] = True

    def keras(self, layers: Any, name: str) -> Any:
        """`Dropout`."""
        return layers.Dropout(self.rate, name=name)


@dataclass(frozen=True, slots=True)
class Add(_Unchanged):
    """The sum of two or more values of one shape."""

    def keras(self, layers: Any, name: str) -> Any:
        """`Add`."""
        return layers.Add(name=name)


@dataclass(frozen=True, slots=True)
class Concatenate(Layer):
    """Values joined along their channels."""

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[h, w, sum of channels]."""
        return (*inputs[0][:-1], sum(shape[-1] for shape in inputs))

    def keras(self, layers: Any, name: str) -> Any:
        """`Concatenate`."""
        return layers.Concatenate(name=name)


@dataclass(frozen=True, slots=True)
class GlobalAveragePool(Layer):
    """The mean of each channel."""

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[c]."""
        return inputs[0][-1:]

    def keras(self, layers: Any, name: str) -> Any:
        """`GlobalAveragePooling2D`."""
        return layers.GlobalAveragePooling2D(name=name)


def _strided(shape: Shape, stride: int) -> tuple[int, int]:
    return -(-shape[0] // stride), -(-shape[1] // stride)
