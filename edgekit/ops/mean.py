"""MEAN: the mean over one axis, or over two neighbouring ones, of int8."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from edgekit.fixedpoint import quantize_multiplier
from edgekit.ir import DType, Graph, Operation
from edgekit.ops.forms import (
    counts,
    end_quantizations,
    int8_per_tensor,
    scales_are_near,
    variable_input,
)
from edgekit.ops.operator import KernelCall, Operator, TensorPointer

_MOST_AXES = 2
"""TensorFlow Lite Micro has room for no more."""
_LARGEST_COUNT = 1 << 20
"""255 * 2^20 stays below EK_SMALL_SUM of ek_requantize.h."""


@dataclass(frozen=True, slots=True)
class MeanAttributes:
    """Whether the axes stay, with extent 1."""

    keep_dims: bool


def constant_axes(graph: Graph, operation: Operation) -> bool:
    """Its axes are constant int32, one or two, neighbours, and exist in the input."""
    axes = graph.tensor(operation.inputs[1])
    if not axes.constant or axes.dtype is not DType.INT32:
        return False
    rank = len(graph.tensor(operation.inputs[0]).shape)
    found = _axes(graph, operation)
    inside = all(0 <= axis < rank for axis in found)
    return inside and 1 <= len(found) <= _MOST_AXES and found[-1] - found[0] == len(found) - 1


def output_shape(graph: Graph, operation: Operation) -> bool:
    """Its output has the input's shape with the axes 1 (keep_dims) or left out, and its mean is
    over 2^20 values or fewer."""
    shape, axes = graph.tensor(operation.inputs[0]).shape, _axes(graph, operation)
    kept = [1 if axis in axes else extent for axis, extent in enumerate(shape)]
    if not operation.attributes.keep_dims:
        kept = [extent for axis, extent in enumerate(kept) if axis not in axes]
    count = math.prod(shape[axis] for axis in axes)
    return graph.tensor(operation.outputs[0]).shape == tuple(kept) and count <= _LARGEST_COUNT


def _axes(graph: Graph, operation: Operation) -> list[int]:
    """The axes in order, each once, counted from the front."""
    rank = len(graph.tensor(operation.inputs[0]).shape)
    data = graph.tensor(operation.inputs[1]).data
    assert data is not None
    return sorted({int(axis) + (rank if axis < 0 else 0) for axis in data.ravel()})


class Mean(Operator):
    """The op. The division is part of the factor between the scales."""

    name = "MEAN"
    kernel = "ek_mean_s8.h"
    options_table = "ReducerOptions"
    constraints = (
        counts(2),
        int8_per_tensor,
        variable_input,
        scales_are_near,
        constant_axes,
        output_shape,
    )

    def attributes(self, options: Any) -> MeanAttributes:
        """Whether the axes stay."""
        return MeanAttributes(keep_dims=bool(options.keepDims))

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_mean_s8."""
        source, target = operation.inputs[0], operation.outputs[0]
        shape, axes = graph.tensor(source).shape, _axes(graph, operation)
        parameters = {
            "outer": math.prod(shape[: axes[0]]),
            "count": math.prod(shape[axes[0] : axes[-1] + 1]),
            "inner": math.prod(shape[axes[-1] + 1 :]),
        }
        parameters |= _rescaling(graph, operation, parameters["count"])
        return KernelCall(
            function="ek_mean_s8",
            header=self.kernel,
            parameters=parameters,
            arguments=(TensorPointer(source), TensorPointer(target)),
        )


def _rescaling(graph: Graph, operation: Operation, count: int) -> dict[str, int]:
    """The factor input_scale / output_scale / count, cut as TFLite cuts it, and the offsets."""
    source, target = end_quantizations(graph, operation)
    multiplier, shift = quantize_multiplier(source.scale / target.scale)
    room = min(count.bit_length() - 1, 32, 31 + shift)
    return {
        "multiplier": (multiplier << room) // count,
        "shift": shift - room,
        "sum_offset": -source.zero_point * count,
        "output_offset": target.zero_point,
    }


OPERATOR = Mean()
