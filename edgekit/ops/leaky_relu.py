"""LEAKY_RELU: x where it is positive, a constant alpha times x elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edgekit.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier
from edgekit.ir import Graph, Operation
from edgekit.ops.forms import end_quantizations, scales_are_near
from edgekit.ops.lookup import BYTES, Lookup


@dataclass(frozen=True, slots=True)
class LeakyReluAttributes:
    """The slope below zero, a float32."""

    alpha: float


def alpha_fits(graph: Graph, operation: Operation) -> bool:
    """Its alpha is 0 or more, and alpha * input scale is less than 2^22 times its output's."""
    alpha = operation.attributes.alpha
    if not (math.isfinite(alpha) and alpha >= 0):
        return False
    return _factors(graph, operation)[1] < 1 << 22


def _factors(graph: Graph, operation: Operation) -> tuple[float, float]:
    """Of values from zero up, and of those below."""
    source, target = end_quantizations(graph, operation)
    slope = source.scale * operation.attributes.alpha
    return source.scale / target.scale, slope / target.scale


class LeakyRelu(Lookup):
    """The op."""

    name = "LEAKY_RELU"
    options_table = "LeakyReluOptions"
    constraints = (*Lookup.constraints, scales_are_near, alpha_fits)

    def attributes(self, options: Any) -> LeakyReluAttributes:
        """The slope below zero."""
        return LeakyReluAttributes(alpha=float(options.alpha))

    def values(self, graph: Graph, operation: Operation) -> Iterator[int]:
        """Each input scaled by the factor of its side."""
        source, target = end_quantizations(graph, operation)
        above, below = map(quantize_multiplier, _factors(graph, operation))
        for q in BYTES:
            x = q - source.zero_point
            scaled = multiply_by_quantized_multiplier(x, *(above if x >= 0 else below))
            yield target.zero_point + scaled


OPERATOR = LeakyRelu()
