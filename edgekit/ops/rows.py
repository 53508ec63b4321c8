"""How an op walks down an image, for those that can make a few rows of it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgekit.ir import Graph, Operation


@dataclass(frozen=True, slots=True)
class Rows:
    """Output row y needs `reach` rows of each image that the op reads, from y * stride - before on.

    Rows outside of an image hold `outside`. With `attributes` in the place of its own, the op turns
    bands that hold all the rows it needs into a band of its output.
    """

    images: tuple[int, ...]
    """The images' places in the op's inputs."""
    attributes: Any
    reach: int = 1
    stride: int = 1
    before: int = 0
    outside: int = 0


def same_rows(graph: Graph, operation: Operation) -> Rows | None:
    """Those of an op that makes each value from the values at its place; None where it stretches
    an input that is no constant, or a constant over rows."""
    target = graph.tensor(operation.outputs[0]).shape
    images = []
    for place, number in enumerate(operation.inputs):
        tensor = graph.tensor(number)
        if not tensor.constant:
            if tensor.shape != target:
                return None
            images.append(place)
        elif _over_rows(tensor.shape, len(target)):
            return None
    return Rows(tuple(images), operation.attributes) if images else None


def _over_rows(shape: tuple[int, ...], rank: int) -> bool:
    """Whether a constant, stretched to that rank, differs from row to row."""
    missing = rank - len(shape)
    return missing < 0 or (missing < 2 and shape[1 - missing] != 1)
