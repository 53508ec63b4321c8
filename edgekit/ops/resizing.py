"""What RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR have in common: how two grids lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import constant_integers


@dataclass(frozen=True, slots=True)
class ResizeAttributes:
    """Which places of the input and of the output fall together."""

    align_corners: bool
    """The middles of the corner pixels; without it the image's upper left corner."""
    half_pixel_centers: bool
    """A pixel's place is its middle; without it its upper left corner."""


def resize_attributes(options: Any) -> ResizeAttributes:
    """From `ResizeBilinearOptionsT` or `ResizeNearestNeighborOptionsT`."""
    return ResizeAttributes(
        align_corners=options.alignCorners, half_pixel_centers=options.halfPixelCenters
    )


def size_fits(graph: Graph, operation: Operation) -> bool:
    """Its size is constant, [height, width], and is its output's; channels stay as they are."""
    size = constant_integers(graph.tensor(operation.inputs[1]))
    channels = graph.tensor(operation.inputs[0]).shape[3]
    return size is not None and graph.tensor(operation.outputs[0]).shape[1:] == (*size, channels)
