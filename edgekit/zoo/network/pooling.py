"""Layers that make one value of a window, or of a whole channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edgekit.zoo.network.layer import Layer, Shape, windows


@dataclass(frozen=True, slots=True)
class MaxPool(Layer):
    """The maximum of each `window` × `window` pixels, every `stride` pixels."""

    window: int = 3
    stride: int = 2
    padding: str = "same"

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[windows down, windows across, c]."""
        return (*windows(inputs[0], self.window, self.stride, self.padding), inputs[0][-1])

    def keras(self, name: str) -> Any:
        """`MaxPooling2D`."""
        import keras

        return keras.layers.MaxPooling2D(
            self.window, strides=self.stride, padding=self.padding, name=name
        )


@dataclass(frozen=True, slots=True)
class AveragePool(Layer):
    """The mean of each `window` × `window` pixels, those outside the image not counted."""

    window: int = 3
    stride: int = 2

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[⌈h/stride⌉, ⌈w/stride⌉, c]."""
        return (*windows(inputs[0], self.window, self.stride, "same"), inputs[0][-1])

    def keras(self, name: str) -> Any:
        """`AveragePooling2D`."""
        import keras

        return keras.layers.AveragePooling2D(
            self.window, strides=self.stride, padding="same", name=name
        )


@dataclass(frozen=True, slots=True)
class GlobalAveragePool(Layer):
    """The mean of each channel: a vector, or with `keep_image` an image of one pixel."""

    keep_image: bool = False

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[c] or [1, 1, c]."""
        channels = inputs[0][-1]
        return (1, 1, channels) if self.keep_image else (channels,)

    def keras(self, name: str) -> Any:
        """`GlobalAveragePooling2D`."""
        import keras

        return keras.layers.GlobalAveragePooling2D(keepdims=self.keep_image, name=name)
