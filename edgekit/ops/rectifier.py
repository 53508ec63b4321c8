"""What RELU and RELU6 have in common: a change of scale, clamped to a real range."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from edgekit.fixedpoint import (
    Activation,
    activation_range,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from edgekit.ir import Graph, Operation, Quantization
from edgekit.ops.forms import end_quantizations, scales_are_near
from edgekit.ops.lookup import BYTES, Lookup
from edgekit.ops.operator import NoAttributes


class Rectifier(Lookup):
    """An activation that stands by itself, not fused into the op before it."""

    constraints = (*Lookup.constraints, scales_are_near)
    activation: ClassVar[Activation]

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the tensors' quantization says all."""
        return NoAttributes()

    @abstractmethod
    def factor(self, source: Quantization, target: Quantization) -> float:
        """Input scale over output scale, as precisely as TFLite computes it for this op."""

    def values(self, graph: Graph, operation: Operation) -> Iterator[int]:
        """Each input scaled, then clamped."""
        source, target = end_quantizations(graph, operation)
        factor = quantize_multiplier(self.factor(source, target))
        low, high = activation_range(self.activation, target.scale, target.zero_point)
        for q in BYTES:
            scaled = multiply_by_quantized_multiplier(q - source.zero_point, *factor)
            yield min(max(target.zero_point + scaled, low), high)
