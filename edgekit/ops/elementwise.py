"""What ops on two int8 tensors have in common: one function of a value of each, for every place.

Where one input is a single constant, or both are the same tensor, the output depends on one byte:
then a table (see `edgekit.ops.lookup`) stands in for the arithmetic.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from edgekit.fixedpoint import Activation
from edgekit.ir import Graph, Operation, Quantization
from edgekit.ops.attributes import ANY_INT8, Limits, activation, limits
from edgekit.ops.broadcast import shapes_broadcast, walk
from edgekit.ops.forms import counts, int8_per_tensor, is_int8_per_tensor, known_activation
from edgekit.ops.lookup import BYTES, lookup
from edgekit.ops.operator import (
    Constant,
    Constraint,
    InPlace,
    KernelCall,
    Operator,
    TensorPointer,
)
from edgekit.ops.rows import Rows, same_rows


def second_int8(graph: Graph, operation: Operation) -> bool:
    """Its second input is int8 with one scale and one zero point, and not both are constant."""
    first, second = map(graph.tensor, operation.inputs)
    return is_int8_per_tensor(second) and not (first.constant and second.constant)


TWO_TENSORS: Sequence[Constraint] = (counts(2), int8_per_tensor, second_int8, shapes_broadcast)
"""The constraints of every op on two tensors."""


class Elementwise(Operator):
    """An op whose every output value depends on one value of each input."""

    constraints: ClassVar[Sequence[Constraint]] = TWO_TENSORS

    @abstractmethod
    def scaling(self, graph: Graph, operation: Operation) -> dict[str, int]:
        """The kernel's parameters besides its loops."""

    @abstractmethod
    def one(self, by: Mapping[str, int], first: int, second: int) -> int:
        """The output of two stored values, as the kernel computes it, `by` its parameters."""

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of the kernel; of ek_lookup_s8 where the output depends on one byte."""
        by, target = self.scaling(graph, operation), operation.outputs[0]
        byte = _only_byte(graph, operation)
        if byte is not None:
            outputs = (self.one(by, *byte.pair(q)) for q in BYTES)
            return lookup(graph, byte.tensor, outputs, target)
        first, second = operation.inputs
        assert self.kernel is not None
        loops = walk(graph.tensor(first).shape, graph.tensor(second).shape)
        return KernelCall(
            function=self.kernel.removesuffix(".h"),
            header=self.kernel,
            parameters={**loops.parameters, **by},
            arguments=(
                _argument(graph, first, "first"),
                _argument(graph, second, "second"),
                TensorPointer(target),
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

    def rows(self, graph: Graph, operation: Operation) -> Rows | None:
        """Row by row, unless an input is stretched over rows."""
        return same_rows(graph, operation)


@dataclass(frozen=True, slots=True)
class ClampedAttributes:
    """`activation` is None for one that is not compiled."""

    activation: Activation | None
    limits: Limits = ANY_INT8


class Clamped(Elementwise):
    """An arithmetic op with a fused activation."""

    constraints = (*TWO_TENSORS, known_activation)

    def attributes(self, options: Any) -> ClampedAttributes:
        """The fused activation."""
        return ClampedAttributes(activation(options.fusedActivationFunction))


def output_parameters(operation: Operation, target: Quantization) -> dict[str, int]:
    """The output's zero point and the clamp of the fused activation, as the kernels name them."""
    clamp = limits(operation.attributes.activation, operation.attributes.limits, target)
    return {
        "output_offset": target.zero_point,
        "output_min": clamp.low,
        "output_max": clamp.high,
    }


def clamped(by: Mapping[str, int], scaled: int) -> int:
    """An output value from its distance to the zero point."""
    return min(max(scaled + by["output_offset"], by["output_min"]), by["output_max"])


def quantizations(
    graph: Graph, operation: Operation
) -> tuple[Quantization, Quantization, Quantization]:
    """Those of both inputs and of the output, which are known to have one."""
    first, second, target = (
        graph.tensor(number).quantization for number in (*operation.inputs, *operation.outputs)
    )
    assert first is not None
    assert second is not None
    assert target is not None
    return first, second, target


@dataclass(frozen=True, slots=True)
class _Byte:
    """The tensor that alone decides on the output, and both inputs for a value of it."""

    tensor: int
    pair: Callable[[int], tuple[int, int]]


def _only_byte(graph: Graph, operation: Operation) -> _Byte | None:
    first, second = operation.inputs
    if first == second:
        return _Byte(first, lambda q: (q, q))
    count = graph.tensor(operation.outputs[0]).elements
    right = _lone_constant(graph, second)
    if right is not None and graph.tensor(first).elements == count:
        return _Byte(first, lambda q: (q, right))
    left = _lone_constant(graph, first)
    if left is not None and graph.tensor(second).elements == count:
        return _Byte(second, lambda q: (left, q))
    return None


def _lone_constant(graph: Graph, number: int) -> int | None:
    data = graph.tensor(number).data
    return int(data.item()) if data is not None and data.size == 1 else None


def _argument(graph: Graph, number: int, role: str) -> TensorPointer | Constant:
    data = graph.tensor(number).data
    return TensorPointer(number) if data is None else Constant(role, data)
