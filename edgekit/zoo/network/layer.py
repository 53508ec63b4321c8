"""What there is to say of any kind of layer: shape, weights, work, memory, and its Keras layer.

Shapes leave the batch out: (h, w, c) for images, (c,) for vectors.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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

    @abc.abstractmethod
    def output(self, inputs: Sequence[Shape]) -> Shape:
        """The output's shape from the inputs' shapes; all outputs, if several, have this one."""

    @abc.abstractmethod
    def keras(self, name: str) -> Any:
        """The Keras layer: a callable from symbolic inputs to symbolic output."""

    @property
    def absorbed(self) -> bool:
        """Whether the int8 model has no op of its own for it when it alone reads its input."""
        return False

    def weights(self, shape: Shape) -> Weights:
        """How many values it holds when its input has this shape."""
        return Weights()

    def macs(self, shape: Shape) -> int:
        """Multiply-accumulates for one input of this shape."""
        return 0

    def outputs_per_kernel(self) -> int:
        """Output channels that have an int32 bias in the int8 model, 0 for none."""
        return 0


class Unchanged(Layer):
    """A layer whose output looks like its first input."""

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """As the first input."""
        return inputs[0]


def windows(shape: Shape, kernel: int, stride: int, padding: str) -> tuple[int, int]:
    """How many windows fit into an image, down and across.

    ``same`` pads the image so that there is one for every `stride` pixels begun, ``valid`` takes
    only those that lie inside.
    """
    margin = kernel - 1 if padding == "valid" else 0
    return -(-(shape[0] - margin) // stride), -(-(shape[1] - margin) // stride)
