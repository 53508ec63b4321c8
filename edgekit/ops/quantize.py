"""QUANTIZE: from one int8 scale and zero point to another; at the ends float32 and uint8 too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from edgekit.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier
from edgekit.ir import Graph, Operation
from edgekit.ops.forms import end_quantizations, scales_are_near
from edgekit.ops.lookup import BYTES, Lookup
from edgekit.ops.operator import KernelCall, TensorPointer


@dataclass(frozen=True, slots=True)
class QuantizeAttributes:
    """The outputs of -128, -127, … 127 where a pass has put one table in the place of several
    operations (edgekit/passes/composing.py); otherwise empty: the quantization says all."""

    outputs: tuple[int, ...] = ()


def quantize_call(graph: Graph, source: int, target: int) -> KernelCall:
    """One call of ek_quantize_s8 from a float32 tensor to an int8 tensor of one scale."""
    quantization = graph.tensor(target).quantization
    assert quantization is not None
    return KernelCall(
        function="ek_quantize_s8",
        header="ek_quantize_s8.h",
        parameters={
            "count": graph.tensor(target).elements,
            "zero_point": quantization.zero_point,
        },
        arguments=(TensorPointer(source), TensorPointer(target)),
        reals={"scale": quantization.scale},
    )


class Quantize(Lookup):
    """The op, as a table of its 256 possible outputs."""

    name = "QUANTIZE"
    constraints = (*Lookup.constraints, scales_are_near)

    def attributes(self, options: Any) -> QuantizeAttributes:  # noqa: ARG002
        """None in a file: the tensors' quantization says all."""
        return QuantizeAttributes()

    def values(self, graph: Graph, operation: Operation) -> Iterable[int]:
        """Each input scaled by input scale over output scale, or what a pass has put there."""
        return operation.attributes.outputs or self._scaled(graph, operation)

    def _scaled(self, graph: Graph, operation: Operation) -> Iterator[int]:
        source, target = end_quantizations(graph, operation)
        factor = quantize_multiplier(source.scale / target.scale)
        for q in BYTES:
            scaled = multiply_by_quantized_multiplier(q - source.zero_point, *factor)
            yield target.zero_point + scaled


OPERATOR = Quantize()
