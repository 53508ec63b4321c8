"""What every float model can do, whatever file it came from."""

from __future__ import annotations

import abc
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from edgekit.errors import ModelError

Floats = npt.NDArray[np.float32]


class FloatModel(abc.ABC):
    """An image classifier in float32: `input_shape` (h, w, c) in, `classes` scores out.

    `sha256` is that of the file; for a SavedModel, of its graph and weights.
    """

    format: ClassVar[str]

    def __init__(
        self, path: Path, sha256: str, input_shape: tuple[int, int, int], classes: int
    ) -> None:
        self.path = path
        self.sha256 = sha256
        self.input_shape = input_shape
        self.classes = classes

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @abc.abstractmethod
    def predict(self, x: Floats) -> Floats:
        """Scores [n, classes] for preprocessed images [n, h, w, c] float32."""

    def _require_input(self, x: Floats) -> None:
        if x.shape[1:] != self.input_shape:
            raise ModelError(
                f"{self.path} takes [n, {', '.join(map(str, self.input_shape))}], "
                f"was given {list(x.shape)}"
            )


def image_input(path: Path, inputs: list[tuple[Any, ...]]) -> tuple[int, int, int]:
    """Height, width and channels of a model's only input, from its inputs' shapes with the batch.

    Raises `ModelError` when there are several inputs, another rank, or an open size.
    """
    if len(inputs) != 1:
        raise ModelError(
            f"{path} has {len(inputs)} inputs, edgekit takes models with one",
            hint="Export the part of the model that takes one image.",
        )
    shape = inputs[0]
    sizes = [None if size is None or int(size) < 1 else int(size) for size in shape[1:]]
    if len(shape) != 4:
        raise ModelError(
            f"{path} takes inputs of shape {_shown(shape)}, wanted images [n, h, w, c]"
        )
    if None in sizes:
        raise ModelError(
            f"{path} leaves its input size open: {_shown(shape)}",
            hint="Build the model with a fixed input size; a microcontroller has no other.",
        )
    height, width, channels = (size for size in sizes if size is not None)
    return height, width, channels


def single_batch(path: Path, shape: tuple[Any, ...]) -> bool:
    """Whether a model with inputs of this shape takes one image at a time, not any number.

    Raises `ModelError` when it takes some other fixed number.
    """
    if shape[0] not in (None, 1):
        raise ModelError(
            f"{path} takes exactly {shape[0]} images at a time, edgekit wants one or any number",
            hint="Export the model with an open batch size.",
        )
    return bool(shape[0] == 1)


def class_count(path: Path, outputs: list[tuple[Any, ...]]) -> int:
    """The number of scores a model gives, from its outputs' shapes with the batch.

    Raises `ModelError` when there are several outputs, or one that is not [n, classes].
    """
    if len(outputs) != 1:
        raise ModelError(
            f"{path} has {len(outputs)} outputs, edgekit takes models with one",
            hint="Export the part of the model that gives the class scores.",
        )
    shape = outputs[0]
    if len(shape) != 2 or shape[1] is None:
        raise ModelError(
            f"{path} gives outputs of shape {_shown(shape)}, wanted [n, classes]",
            hint="Add global pooling and a flatten or a dense layer at the end.",
        )
    return int(shape[1])


def _shown(shape: tuple[Any, ...]) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"
