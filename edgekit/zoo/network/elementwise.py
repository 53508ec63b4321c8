"""Layers that work on each value by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edgekit.errors import InputError
from edgekit.zoo.network.layer import Shape, Unchanged, Weights

_FUSED = ("relu6", "relu")
_APART = ("hard_swish", "hard_sigmoid", "softmax")


@dataclass(frozen=True, slots=True)
class BatchNorm(Unchanged):
    """Batch normalization; the int8 model folds it into the convolution before it."""

    @property
    def absorbed(self) -> bool:
        """By the convolution before it."""
        return True

    def weights(self, shape: Shape) -> Weights:
        """Per channel scale and offset, and the statistics mean and variance."""
        return Weights(scale_and_offset=2 * shape[-1], statistics=2 * shape[-1])

    def keras(self, name: str) -> Any:
        """`BatchNormalization`."""
        import keras

        return keras.layers.BatchNormalization(name=name)


@dataclass(frozen=True, slots=True)
class Activation(Unchanged):
    """``relu6``, ``relu``, ``hard_swish``, ``hard_sigmoid`` or ``softmax``; else `InputError`."""

    function: str

    def __post_init__(self) -> None:
        """Knows its functions."""
        if self.function not in (*_FUSED, *_APART):
            raise InputError(
                f"the zoo knows no activation {self.function!r}",
                hint=f"Use {' or '.join(_FUSED)}.",
            )

    @property
    def absorbed(self) -> bool:
        """ReLU and ReLU6 are the clamp of the op before them."""
        return self.function in _FUSED

    def keras(self, name: str) -> Any:
        """`ReLU`, or `Activation`, whose hard swish becomes one HARD_SWISH."""
        import keras

        if self.function == "relu6":
            return keras.layers.ReLU(6.0, name=name)
        return keras.layers.Activation(self.function, name=name)


@dataclass(frozen=True, slots=True)
class Dropout(Unchanged):
    """Dropout, in training only."""

    rate: float

    def __post_init__(self) -> None:
        """The rate is one."""
        if not 0 <= self.rate < 1:
            raise InputError(f"dropout must be at least 0 and less than 1, not {self.rate:g}")

    @property
    def absorbed(self) -> bool:
        """It is gone after training."""
        return True

    def keras(self, name: str) -> Any:
        """`Dropout`."""
        import keras

        return keras.layers.Dropout(self.rate, name=name)


@dataclass(frozen=True, slots=True)
class Add(Unchanged):
    """The sum of two or more values of one shape."""

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """As every input."""
        assert len(set(inputs)) == 1
        return inputs[0]

    def keras(self, name: str) -> Any:
        """`Add`."""
        import keras

        return keras.layers.Add(name=name)


@dataclass(frozen=True, slots=True)
class Multiply(Unchanged):
    """An image [h, w, c] times a factor [1, 1, c] for each channel."""

    def output(self, inputs: Sequence[Shape]) -> Shape:
        """As the image."""
        assert inputs[1] == (1, 1, inputs[0][-1])
        return inputs[0]

    def keras(self, name: str) -> Any:
        """`Multiply`."""
        import keras

        return keras.layers.Multiply(name=name)
