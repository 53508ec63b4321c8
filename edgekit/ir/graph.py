"""Tensors, operations and the graph that joins them. All are frozen: a pass makes a new graph."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


class DType(enum.Enum):
    """An element type; the value is NumPy's name for it."""

    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float32"
    BOOL = "bool"

    @property
    def bytes(self) -> int:
        """Size of one element."""
        return int(np.dtype(self.value).itemsize)


@dataclass(frozen=True, slots=True)
class Quantization:
    """real = scale * (q - zero_point), with one pair, or one per slice along `axis`."""

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int = 0

    @property
    def per_channel(self) -> bool:
        """Whether each slice along `axis` has its own scale."""
        return len(self.scales) > 1

    @property
    def scale(self) -> float:
        """The scale of a per-tensor quantization."""
        assert not self.per_channel
        return self.scales[0]

    @property
    def zero_point(self) -> int:
        """The zero point of a per-tensor quantization."""
        assert not self.per_channel
        return self.zero_points[0]


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A value of the graph; `data` is there when it is a constant. Shapes keep the batch of 1."""

    name: str
    shape: tuple[int, ...]
    dtype: DType
    quantization: Quantization | None = None
    data: npt.NDArray[Any] | None = None

    @property
    def unbatched(self) -> tuple[int, ...]:
        """The shape without a batch of 1; all of it where there is none."""
        return self.shape[1:] if self.shape[:1] == (1,) else self.shape

    @property
    def elements(self) -> int:
        """How many values it holds."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Its size in memory."""
        return self.elements * self.dtype.bytes

    @property
    def constant(self) -> bool:
        """Whether its value is known now."""
        return self.data is not None


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One op: TFLite's name, its tensors by number (-1 where an optional input is absent).

    `attributes` is the frozen dataclass that `edgekit/ops/<op>.py` defines; `index` is its place
    in the .tflite file, for messages.
    """

    op: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    attributes: Any
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Operations in an order in which they can run, over numbered tensors.

    `kernels` is the family of cores that its operations are lowered for, a module of
    `edgekit.ops.variants`; empty for any core. Where more memory makes a call faster, its tensors
    and scratch may take `room_bytes` together; None leaves it to the call.
    """

    name: str
    tensors: tuple[Tensor, ...]
    operations: tuple[Operation, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    kernels: str = ""
    room_bytes: int | None = None

    def tensor(self, number: int) -> Tensor:
        """The tensor of that number."""
        return self.tensors[number]

    def where(self, operation: Operation) -> str:
        """An operation's place in words: ``CONV_2D #3 (mobilenet/conv1)``."""
        name = short_name(self.tensors[operation.outputs[0]].name)
        return f"{operation.op} #{operation.index} ({name})"


def short_name(name: str, most: int = 60) -> str:
    """A name for people: the converter joins the names of all that it fused into one op."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
