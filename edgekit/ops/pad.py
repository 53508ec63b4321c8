"""PAD: zeros around int8, which are its zero point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgekit.ir import DType, Graph, Operation
from edgekit.ops.forms import counts, int8_per_tensor, same_quantization, variable_input
from edgekit.ops.operator import KernelCall, NoAttributes, Operator, TensorPointer

KERNEL = "ek_pad_s8.h"
_MOST_AXES = 3
"""What the kernel pads."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of the input, and the cells added before and after it."""

    extent: int
    before: int
    after: int

    @property
    def padded(self) -> bool:
        return self.before > 0 or self.after > 0

    def times(self, cells: int) -> _Axis:
        """The same axis counted in cells of the axes inside of it."""
        return _Axis(self.extent * cells, self.before * cells, self.after * cells)


def constant_paddings(graph: Graph, operation: Operation) -> bool:
    """Its paddings are constant int32 [rank, 2], none negative."""
    paddings = graph.tensor(operation.inputs[1])
    rank = len(graph.tensor(operation.inputs[0]).shape)
    if not paddings.constant or paddings.dtype is not DType.INT32 or paddings.shape != (rank, 2):
        return False
    return all(min(axis.before, axis.after) >= 0 for axis in _axes(graph, operation))


def few_axes(graph: Graph, operation: Operation) -> bool:
    """Its input has at most four dimensions, the first of four is not padded and 1, and its
    output has the size that the paddings give."""
    axes = _axes(graph, operation)
    batch = axes[: max(0, len(axes) - _MOST_AXES)]
    if len(batch) > 1 or any(axis.padded or axis.extent != 1 for axis in batch):
        return False
    padded = tuple(axis.before + axis.extent + axis.after for axis in axes)
    return graph.tensor(operation.outputs[0]).shape == padded


def _axes(graph: Graph, operation: Operation) -> list[_Axis]:
    paddings = graph.tensor(operation.inputs[1]).data
    assert paddings is not None
    shape = graph.tensor(operation.inputs[0]).shape
    return [
        _Axis(extent, int(before), int(after))
        for extent, (before, after) in zip(shape, paddings, strict=True)
    ]


def _three(axes: list[_Axis]) -> list[_Axis]:
    """Three axes that say the same; inner ones that are not padded join the one around them."""
    joined: list[_Axis] = []
    for axis in reversed(axes[-_MOST_AXES:]):
        if joined and not joined[0].padded:
            joined[0] = axis.times(joined[0].extent)
        else:
            joined.insert(0, axis)
    return [_Axis(1, 0, 0)] * (_MOST_AXES - len(joined)) + joined


def padded(graph: Graph, operation: Operation, value: int) -> KernelCall:
    """One call of ek_pad_s8; `value` is what the added cells hold."""
    parameters = {"value": value}
    for name, axis in zip("abc", _three(_axes(graph, operation)), strict=True):
        parameters |= {name: axis.extent}
        parameters |= {f"before_{name}": axis.before, f"after_{name}": axis.after}
    return KernelCall(
        function="ek_pad_s8",
        header=KERNEL,
        parameters=parameters,
        arguments=(TensorPointer(operation.inputs[0]), TensorPointer(operation.outputs[0])),
    )


class Pad(Operator):
    """The op. A constant padding value is another op, PADV2."""

    name = "PAD"
    kernel = KERNEL
    constraints = (
        counts(2),
        int8_per_tensor,
        variable_input,
        same_quantization,
        constant_paddings,
        few_axes,
    )

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the paddings are an input."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_pad_s8."""
        quantization = graph.tensor(operation.outputs[0]).quantization
        assert quantization is not None
        return padded(graph, operation, quantization.zero_point)


OPERATOR = Pad()
