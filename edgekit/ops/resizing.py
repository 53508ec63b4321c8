"""What RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR have in common: how two grids lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import (
    batch_of_one,
    constant_integers,
    counts,
    int8_per_tensor,
    same_quantization,
    variable_input,
)
from edgekit.ops.operator import Constraint, Operator


@dataclass(frozen=True, slots=True)
class ResizeAttributes:
    """Which places of the input and of the output fall together."""

    align_corners: bool
    """The middles of the corner pixels; without it the image's upper left corner."""
    half_pixel_centers: bool
    """A pixel's place is its middle; without it its upper left corner."""


def size_fits(graph: Graph, operation: Operation) -> bool:
    """Its size is constant, [height, width], and is its output's; channels stay as they are."""
    size = constant_integers(graph.tensor(operation.inputs[1]))
    channels = graph.tensor(operation.inputs[0]).shape[3]
    return size is not None and graph.tensor(operation.outputs[0]).shape[1:] == (*size, channels)


class Resize(Operator):
    """An op that gives an image another size."""

    constraints: ClassVar[Sequence[Constraint]] = (
        counts(2),
        int8_per_tensor,
        variable_input,
        batch_of_one,
        same_quantization,
        size_fits,
    )

    def attributes(self, options: Any) -> ResizeAttributes:
        """How the grids lie, from `ResizeBilinearOptionsT` or `ResizeNearestNeighborOptionsT`."""
        return ResizeAttributes(
            align_corners=options.alignCorners, half_pixel_centers=options.halfPixelCenters
        )
