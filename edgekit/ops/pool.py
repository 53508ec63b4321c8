"""What AVERAGE_POOL_2D and MAX_POOL_2D have in common: a window over [1, h, w, ch] int8."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from edgekit.fixedpoint import Activation
from edgekit.ir import Graph, Operation
from edgekit.ops.attributes import (
    ANY_INT8,
    NO_BORDER,
    Border,
    Limits,
    Padding,
    activation,
    limits,
    pad_before,
    side_border,
    window_output,
)
from edgekit.ops.forms import (
    batch_of_one,
    counts,
    end_quantizations,
    int8_per_tensor,
    known_activation,
    same_quantization,
    variable_input,
)
from edgekit.ops.operator import KernelCall, Operator, TensorPointer
from edgekit.ops.rows import Rows

_LARGEST_WINDOW = 1 << 23
"""128 * 2^23 cells, and half a window for rounding, stay below 2^31."""


@dataclass(frozen=True, slots=True)
class Pool2DAttributes:
    """The window and its steps; `activation` is None for one that is not compiled."""

    padding: Padding
    window_h: int
    window_w: int
    stride_h: int
    stride_w: int
    activation: Activation | None
    limits: Limits = ANY_INT8
    border: Border = NO_BORDER
    """Only with VALID padding, and where the cells change no result."""
    out_stride: int = 0
    """Bytes from an output pixel to the next, where other tensors lie between; 0: none do."""


def window_fits(graph: Graph, operation: Operation) -> bool:
    """Its strides are 1 or more, its window has 1 to 2^23 cells, and the output has the size
    that they give."""
    a: Pool2DAttributes = operation.attributes
    if min(a.stride_h, a.stride_w, a.window_h, a.window_w) < 1:
        return False
    if a.window_h * a.window_w > _LARGEST_WINDOW:
        return False
    _, in_h, in_w, in_ch = graph.tensor(operation.inputs[0]).shape
    out_h = window_output(
        a.border.top + in_h + a.border.bottom, a.window_h, a.stride_h, 1, a.padding
    )
    out_w = window_output(
        a.border.left + in_w + a.border.right, a.window_w, a.stride_w, 1, a.padding
    )
    return graph.tensor(operation.outputs[0]).shape[1:] == (out_h, out_w, in_ch)


class Pool2D(Operator):
    """Scale and zero point do not change, so that stored values can be compared and averaged."""

    options_table = "Pool2DOptions"
    outside: ClassVar[int | None] = None
    """A stored value that changes no result where it stands outside of the image, if any."""
    constraints = (
        counts(1),
        int8_per_tensor,
        variable_input,
        batch_of_one,
        same_quantization,
        known_activation,
        window_fits,
    )

    def attributes(self, options: Any) -> Pool2DAttributes:
        """Padding, window, strides and activation."""
        return Pool2DAttributes(
            padding=Padding(options.padding),
            window_h=options.filterHeight,
            window_w=options.filterWidth,
            stride_h=options.strideH,
            stride_w=options.strideW,
            activation=activation(options.fusedActivationFunction),
        )

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of the kernel."""
        source, target = operation.inputs[0], operation.outputs[0]
        a: Pool2DAttributes = operation.attributes
        _, in_h, in_w, ch = graph.tensor(source).shape
        _, out_h, out_w, _ = graph.tensor(target).shape
        _, quantization = end_quantizations(graph, operation)
        clamp = limits(a.activation, a.limits, quantization)
        parameters = {
            "in_h": in_h,
            "in_w": in_w,
            "ch": ch,
            "out_h": out_h,
            "out_w": out_w,
            "window_h": a.window_h,
            "window_w": a.window_w,
            "stride_h": a.stride_h,
            "stride_w": a.stride_w,
            "pad_h": a.border.top + pad_before(in_h, a.window_h, a.stride_h, 1, out_h, a.padding),
            "pad_w": a.border.left + pad_before(in_w, a.window_w, a.stride_w, 1, out_w, a.padding),
            "out_stride": a.out_stride or ch,
            "output_min": clamp.low,
            "output_max": clamp.high,
        }
        assert self.kernel is not None
        return KernelCall(
            function=self.kernel.removesuffix(".h"),
            header=self.kernel,
            parameters=parameters,
            arguments=(TensorPointer(source), TensorPointer(target)),
        )

    def rows(self, graph: Graph, operation: Operation) -> Rows | None:
        """A window's height of them for each; None where what lies outside counts for nothing."""
        a: Pool2DAttributes = operation.attributes
        window = self.lower(graph, operation).parameters
        covered = (window["out_h"] - 1) * a.stride_h + a.window_h
        padded = window["pad_h"] > 0 or covered > window["in_h"]
        if a.out_stride or (padded and self.outside is None):
            return None
        return Rows(
            images=(0,),
            attributes=replace(a, padding=Padding.VALID, border=side_border(window, a.window_w)),
            reach=a.window_h,
            stride=a.stride_h,
            before=window["pad_h"],
            outside=self.outside or 0,
        )
