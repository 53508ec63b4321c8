"""RESIZE_NEAREST_NEIGHBOR: an int8 image of another size, each pixel from the nearest one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops.operator import Constant, KernelCall, TensorPointer
from edgekit.ops.resizing import Resize, ResizeAttributes


def nearest(source: int, target: int, attributes: ResizeAttributes) -> npt.NDArray[np.int32]:
    """For each of `target` places along an axis the nearest of `source` places.

    In float32 step by step, as the TFLite reference kernel; with aligned corners a tie goes up,
    else every place is cut down.
    """
    one = np.float32(1)
    scale = one * source / target
    if attributes.align_corners and target > 1:
        scale = one * (source - 1) / (target - 1)
    offset = np.float32(0.5 if attributes.half_pixel_centers else 0)
    places = (np.arange(target, dtype=np.float32) + offset) * scale
    # In doubles the half is added exactly.
    up = 0.5 if attributes.align_corners else 0.0
    whole = np.floor(places.astype(np.float64) + up)
    return np.minimum(whole, source - 1).astype(np.int32)


class ResizeNearestNeighbor(Resize):
    """The op; the places become two tables in flash, so that no device computes in float."""

    name = "RESIZE_NEAREST_NEIGHBOR"
    kernel = "ek_resize_nearest_neighbor_s8.h"
    options_table = "ResizeNearestNeighborOptions"

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_resize_nearest_neighbor_s8."""
        source, target = operation.inputs[0], operation.outputs[0]
        _, in_h, in_w, ch = graph.tensor(source).shape
        _, out_h, out_w, _ = graph.tensor(target).shape
        return KernelCall(
            function="ek_resize_nearest_neighbor_s8",
            header=self.kernel,
            parameters={"in_w": in_w, "ch": ch, "out_h": out_h, "out_w": out_w},
            arguments=(
                TensorPointer(source),
                Constant("rows", nearest(in_h, out_h, operation.attributes)),
                Constant("columns", nearest(in_w, out_w, operation.attributes)),
                TensorPointer(target),
            ),
        )


OPERATOR = ResizeNearestNeighbor()
