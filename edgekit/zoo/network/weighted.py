"""Layers with kernels: convolutions and the dense layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edgekit.zoo.network.layer import Layer, Shape, Weights, windows


@dataclass(frozen=True, slots=True)
class Conv(Layer):
    """A convolution: `filters` kernels of `kernel` × `kernel`, over `groups` groups of channels."""

    filters: int
    kernel: int = 1
    stride: int = 1
    groups: int = 1
    bias: bool = False
    padding: str = "same"

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[windows down, windows across, filters]."""
        assert inputs[0][-1] % self.groups == self.filters % self.groups == 0
        return (*windows(inputs[0], self.kernel, self.stride, self.padding), self.filters)

    def weights(self, shape: Shape) -> Weights:
        """One kernel per filter over its group's channels."""
        kernel = self.kernel**2 * shape[-1] // self.groups * self.filters
        return Weights(kernel=kernel, bias=self.filters if self.bias else 0)

    def macs(self, shape: Shape) -> int:
        """Each kernel value once per output pixel."""
        return math.prod(self.output([shape])[:2]) * self.weights(shape).kernel

    def outputs_per_kernel(self) -> int:
        """Its filters."""
        return self.filters

    def keras(self, name: str) -> Any:
        """`Conv2D`; with groups it becomes one grouped CONV_2D, batch norm and activation in it.

        With a bias no batch norm follows, and fresh weights have to keep the strength of what goes
        through by themselves (He et al. 2015, arXiv:1502.01852).
        """
        import keras

        return keras.layers.Conv2D(
            self.filters,
            self.kernel,
            strides=self.stride,
            padding=self.padding,
            groups=self.groups,
            use_bias=self.bias,
            kernel_initializer="he_uniform" if self.bias else "glorot_uniform",
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
        return (*windows(inputs[0], self.kernel, self.stride, "same"), self.channels)

    def weights(self, shape: Shape) -> Weights:
        """One kernel per channel."""
        return Weights(
            kernel=self.kernel**2 * self.channels, bias=self.channels if self.bias else 0
        )

    def macs(self, shape: Shape) -> int:
        """Each kernel value once per output pixel."""
        return math.prod(self.output([shape])[:2]) * self.weights(shape).kernel

    def outputs_per_kernel(self) -> int:
        """Its channels."""
        return self.channels

    def keras(self, name: str) -> Any:
        """`DepthwiseConv2D`."""
        import keras

        return keras.layers.DepthwiseConv2D(
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

    def keras(self, name: str) -> Any:
        """`Dense`."""
        import keras

        return keras.layers.Dense(self.units, name=name)
