"""LOGISTIC: 1 / (1 + exp(-x)), into the scale 1/256 that TFLite fixes."""

from __future__ import annotations

from edgekit.ir import Graph, Operation
from edgekit.ops.exponential import ONE, of_negative
from edgekit.ops.forms import end_quantizations
from edgekit.ops.lookup import Lookup
from edgekit.ops.sigmoid import FRACTION_BITS, Sigmoid, input_scale_fits, newton_reciprocal


def fixed_output(graph: Graph, operation: Operation) -> bool:
    """Its output has the scale 1/256 and the zero point -128."""
    _, target = end_quantizations(graph, operation)
    return (target.scale, target.zero_point) == (1 / 256, -128)


class Logistic(Sigmoid):
    """The op."""

    name = "LOGISTIC"
    constraints = (*Lookup.constraints, fixed_output, input_scale_fits)
    output_bits = 8
    output_zero_point = -128

    def curve(self, x: int) -> int:
        """1 / (1 + exp(-|x|)), and its distance from 1 below zero."""
        above = min(2 * newton_reciprocal(of_negative(-abs(x), FRACTION_BITS)), ONE)
        return above if x > 0 else ONE - above


OPERATOR = Logistic()
