"""SOFTMAX: over the last axis of int8, into the scale 1/256 that TFLite fixes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.fixedpoint import quantize_multiplier
from edgekit.ir import Graph, Operation
from edgekit.ops import exponential
from edgekit.ops.forms import counts, end_quantizations, int8_per_tensor, variable_input
from edgekit.ops.lookup import same_shape
from edgekit.ops.operator import Constant, InPlace, KernelCall, Operator, TensorPointer

_LARGEST_DEPTH = 4095
"""The sum has 12 integer bits."""
_DIFFERENCES = 256
_Q31_LIMIT = float((1 << 31) - 1)


@dataclass(frozen=True, slots=True)
class SoftmaxAttributes:
    """The factor of the exponents."""

    beta: float


def fixed_output(graph: Graph, operation: Operation) -> bool:
    """Its output has the scale 1/256 and the zero point -128."""
    _, target = end_quantizations(graph, operation)
    return (target.scale, target.zero_point) == (1 / 256, -128)


def few_classes(graph: Graph, operation: Operation) -> bool:
    """Its last axis has 1 to 4095 values."""
    shape = graph.tensor(operation.inputs[0]).shape
    return len(shape) > 0 and 1 <= shape[-1] <= _LARGEST_DEPTH


def beta_fits(graph: Graph, operation: Operation) -> bool:
    """Its beta times its input's scale is more than 2^-26."""
    return _exponent_scale(graph, operation) > 1


def _exponent_scale(graph: Graph, operation: Operation) -> float:
    """What a difference of one in the input is, in the exponential's fixed point."""
    source, _ = end_quantizations(graph, operation)
    real = operation.attributes.beta * source.scale * (1 << exponential.FRACTION_BITS)
    return float(min(real, _Q31_LIMIT))


def exponentials(graph: Graph, operation: Operation) -> npt.NDArray[np.int32]:
    """exp(-beta * scale * d) for d = 0, 1, … in Q31, up to the last that is not 0."""
    multiplier, shift = quantize_multiplier(_exponent_scale(graph, operation))
    values = []
    for difference in range(_DIFFERENCES):
        if difference << shift > exponential.LOWEST:
            break
        scaled = exponential.high_multiply(-difference << shift, multiplier)
        values.append(exponential.of_negative(scaled))
    return np.trim_zeros(np.array(values, np.int32), "b")


class Softmax(Operator):
    """The op. An int8 lies at most 255 below the largest, so that a table holds all of exp."""

    name = "SOFTMAX"
    kernel = "ek_softmax_s8.h"
    options_table = "SoftmaxOptions"
    constraints = (
        counts(1),
        int8_per_tensor,
        variable_input,
        same_shape,
        fixed_output,
        few_classes,
        beta_fits,
    )

    def attributes(self, options: Any) -> SoftmaxAttributes:
        """The factor of the exponents."""
        return SoftmaxAttributes(beta=float(options.beta))

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_softmax_s8."""
        source = graph.tensor(operation.inputs[0])
        table = exponentials(graph, operation)
        depth = source.shape[-1]
        return KernelCall(
            function="ek_softmax_s8",
            header=self.kernel,
            parameters={"rows": source.elements // depth, "depth": depth, "entries": len(table)},
            arguments=(
                TensorPointer(operation.inputs[0]),
                Constant("exponentials", table),
                TensorPointer(operation.outputs[0]),
            ),
        )

    def in_place(self, graph: Graph, operation: Operation) -> tuple[InPlace, ...]:  # noqa: ARG002
        """A row is summed before its first value is written."""
        return (InPlace(input=0, output=0),)


OPERATOR = Softmax()
