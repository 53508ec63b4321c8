"""QUANTIZE: from one int8 scale and zero point to another."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgekit.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier
from edgekit.ir import Graph, Operation
from edgekit.ops.forms import (
    counts,
    end_quantizations,
    int8_per_tensor,
    scales_are_near,
    variable_input,
)
from edgekit.ops.lookup import lookup, same_shape
from edgekit.ops.operator import InPlace, KernelCall, NoAttributes, Operator


class Quantize(Operator):
    """The op, as a table of its 256 possible outputs."""

    name = "QUANTIZE"
    kernel = "ek_lookup_s8.h"
    constraints = (counts(1), int8_per_tensor, variable_input, same_shape, scales_are_near)

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the tensors' quantization says all."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_lookup_s8."""
        source, target = end_quantizations(graph, operation)
        factor = quantize_multiplier(source.scale / target.scale)
        values = [
            target.zero_point + multiply_by_quantized_multiplier(q - source.zero_point, *factor)
            for q in range(-128, 128)
        ]
        return lookup(graph, operation, np.clip(values, -128, 127).astype(np.int8))

    def in_place(self, graph: Graph, operation: Operation) -> tuple[InPlace, ...]:  # noqa: ARG002
        """Each value is read before its place is written."""
        return (InPlace(input=0, output=0),)


OPERATOR = Quantize()
