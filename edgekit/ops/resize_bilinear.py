"""RESIZE_BILINEAR: an int8 image of another size, each pixel mixed from the four around it."""

from __future__ import annotations

from edgekit.ir import Graph, Operation
from edgekit.ops.operator import KernelCall, TensorPointer
from edgekit.ops.resizing import Resize, ResizeAttributes

_UNIT = 1 << 10
"""Places are counted in parts of a pixel, so many to one."""


def one_rule(_graph: Graph, operation: Operation) -> bool:
    """It does not have both align_corners and half_pixel_centers."""
    attributes: ResizeAttributes = operation.attributes
    return not (attributes.align_corners and attributes.half_pixel_centers)


def steps_stay_inside(graph: Graph, operation: Operation) -> bool:
    """Its output is not so large that steps in 1/1024 of a pixel, as TFLite rounds them, end
    outside of the image."""
    source, target = (
        graph.tensor(number).shape[1:3] for number in (operation.inputs[0], operation.outputs[0])
    )
    for before, after in zip(source, target, strict=True):
        start, step = _grid(before, after, operation.attributes)
        if start + (after - 1) * step >= before * _UNIT or before * _UNIT >= 1 << 30:
            return False
    return True


def _grid(source: int, target: int, attributes: ResizeAttributes) -> tuple[int, int]:
    """The place of the first of `target` pixels among `source` pixels, and the step to the next."""
    step = (_UNIT * source + target // 2) // target
    if attributes.align_corners and target > 1:
        step = (_UNIT * (source - 1) + (target - 1) // 2) // (target - 1)
    return (step // 2 - _UNIT // 2 if attributes.half_pixel_centers else 0), step


class ResizeBilinear(Resize):
    """The op, in fixed point as the TFLite reference kernel."""

    name = "RESIZE_BILINEAR"
    kernel = "ek_resize_bilinear_s8.h"
    options_table = "ResizeBilinearOptions"
    constraints = (*Resize.constraints, one_rule, steps_stay_inside)

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_resize_bilinear_s8."""
        source, target = operation.inputs[0], operation.outputs[0]
        _, in_h, in_w, ch = graph.tensor(source).shape
        _, out_h, out_w, _ = graph.tensor(target).shape
        start_h, step_h = _grid(in_h, out_h, operation.attributes)
        start_w, step_w = _grid(in_w, out_w, operation.attributes)
        return KernelCall(
            function="ek_resize_bilinear_s8",
            header=self.kernel,
            parameters={
                "in_h": in_h,
                "in_w": in_w,
                "ch": ch,
                "out_h": out_h,
                "out_w": out_w,
                "start_h": start_h,
                "step_h": step_h,
                "start_w": start_w,
                "step_w": step_w,
            },
            arguments=(TensorPointer(source), TensorPointer(target)),
        )


OPERATOR = ResizeBilinear()
