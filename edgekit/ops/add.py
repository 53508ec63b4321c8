"""ADD: the sum of two int8 tensors of any scales, stretched where shapes differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgekit.fixedpoint import Activation, activation_range, quantize_multiplier
from edgekit.ir import Graph, Operation, Quantization
from edgekit.ops.attributes import activation
from edgekit.ops.broadcast import shapes_broadcast, walk
from edgekit.ops.forms import counts, int8_per_tensor, is_int8_per_tensor, known_activation
from edgekit.ops.operator import Constant, InPlace, KernelCall, Operator, TensorPointer

HEADROOM = 20
"""Both inputs are shifted left by so much before they are scaled; EK_ADD_HEADROOM."""


@dataclass(frozen=True, slots=True)
class AddAttributes:
    """`activation` is None for one that is not compiled."""

    activation: Activation | None


def second_int8(graph: Graph, operation: Operation) -> bool:
    """Its second input is int8 with one scale and one zero point, and not both are constant."""
    first, second = map(graph.tensor, operation.inputs)
    return is_int8_per_tensor(second) and not (first.constant and second.constant)


def output_scale_fits(graph: Graph, operation: Operation) -> bool:
    """Its output's scale is more than 2^-19 of the larger input scale."""
    return _factors(graph, operation)[2] < 1


def _factors(graph: Graph, operation: Operation) -> tuple[float, float, float]:
    """The real factors of the inputs and of the sum.

    Inputs are scaled to twice the larger of their scales, so that their sum cannot overflow.
    """
    first, second, target = _quantizations(graph, operation)
    shared = 2 * max(first.scale, second.scale)
    return (
        first.scale / shared,
        second.scale / shared,
        shared / ((1 << HEADROOM) * target.scale),
    )


def _quantizations(graph: Graph, operation: Operation) -> list[Quantization]:
    found = [graph.tensor(n).quantization for n in (*operation.inputs, *operation.outputs)]
    return [quantization for quantization in found if quantization is not None]


class Add(Operator):
    """The op. One of its inputs may be constant."""

    name = "ADD"
    kernel = "ek_add_s8.h"
    options_table = "AddOptions"
    constraints = (
        counts(2),
        int8_per_tensor,
        second_int8,
        known_activation,
        shapes_broadcast,
        output_scale_fits,
    )

    def attributes(self, options: Any) -> AddAttributes:
        """The fused activation."""
        return AddAttributes(activation(options.fusedActivationFunction))

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_add_s8."""
        loops = walk(*(graph.tensor(number).shape for number in operation.inputs))
        return KernelCall(
            function="ek_add_s8",
            header=self.kernel,
            parameters={**loops.parameters, **_scaling(graph, operation)},
            arguments=(
                _argument(graph, operation.inputs[0], "first"),
                _argument(graph, operation.inputs[1], "second"),
                TensorPointer(operation.outputs[0]),
            ),
        )

    def in_place(self, graph: Graph, operation: Operation) -> tuple[InPlace, ...]:
        """On an input that is not stretched: each value is read before its place is written."""
        elements = graph.tensor(operation.outputs[0]).elements
        return tuple(
            InPlace(input=place, output=0)
            for place, tensor in enumerate(map(graph.tensor, operation.inputs))
            if not tensor.constant and tensor.elements == elements
        )


def _argument(graph: Graph, number: int, role: str) -> TensorPointer | Constant:
    data = graph.tensor(number).data
    return TensorPointer(number) if data is None else Constant(role, data)


def _scaling(graph: Graph, operation: Operation) -> dict[str, int]:
    first, second, target = _quantizations(graph, operation)
    parameters = {"first_offset": -first.zero_point, "second_offset": -second.zero_point}
    for name, real in zip(("first", "second", "output"), _factors(graph, operation), strict=True):
        multiplier, shift = quantize_multiplier(real)
        parameters |= {f"{name}_multiplier": multiplier, f"{name}_shift": shift}
    low, high = activation_range(operation.attributes.activation, target.scale, target.zero_point)
    return parameters | {
        "output_offset": target.zero_point,
        "output_min": low,
        "output_max": high,
    }


OPERATOR = Add()
