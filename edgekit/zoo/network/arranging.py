"""Layers that move values and change none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edgekit.zoo.network.layer import Layer, Shape


@dataclass(frozen=True, slots=True)
class Concatenate(Layer):
    """Values joined along their channels."""

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[h, w, sum of channels]."""
        assert len({shape[:-1] for shape in inputs}) == 1
        return (*inputs[0][:-1], sum(shape[-1] for shape in inputs))

    def keras(self, name: str) -> Any:
        """`Concatenate`."""
        import keras

        return keras.layers.Concatenate(name=name)


@dataclass(frozen=True, slots=True)
class Split(Layer):
    """The channels in `parts` equal parts: the only layer with several outputs."""

    parts: int = 2

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """[h, w, c / parts], of each part."""
        assert inputs[0][-1] % self.parts == 0
        return (*inputs[0][:-1], inputs[0][-1] // self.parts)

    def keras(self, name: str) -> Any:
        """`keras.ops.split`, which becomes one SPLIT; a slice for each part becomes two ops.

        Keras names operations that are no layers by itself.
        """
        import keras

        return lambda x: keras.ops.split(x, self.parts, axis=-1)


@dataclass(frozen=True, slots=True)
class Reshape(Layer):
    """The same values in the same order, as another shape."""

    shape: Shape

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """The shape."""
        assert math.prod(inputs[0]) == math.prod(self.shape)
        return self.shape

    @property
    def absorbed(self) -> bool:
        """No byte moves."""
        return True

    def keras(self, name: str) -> Any:
        """`Reshape`."""
        import keras

        return keras.layers.Reshape(self.shape, name=name)


@dataclass(frozen=True, slots=True)
class Transpose(Layer):
    """The axes in another order; `order` counts from 0 and leaves the batch out."""

    order: tuple[int, ...]

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """The shape in that order."""
        return tuple(inputs[0][axis] for axis in self.order)

    def keras(self, name: str) -> Any:
        """`Permute`, which counts from 1."""
        import keras

        return keras.layers.Permute(tuple(axis + 1 for axis in self.order), name=name)
