"""TANH: the hyperbolic tangent, into the scale 1/128 that TFLite fixes."""

from __future__ import annotations

from edgekit.ir import Graph, Operation
from edgekit.ops.exponential import ONE, of_negative
from edgekit.ops.forms import end_quantizations
from edgekit.ops.lookup import Lookup
from edgekit.ops.sigmoid import FRACTION_BITS, Sigmoid, input_scale_fits, newton_reciprocal


def fixed_output(graph: Graph, operation: Operation) -> bool:
    """Its output has the scale 1/128 and the zero point 0."""
    _, target = end_quantizations(graph, operation)
    return (target.scale, target.zero_point) == (1 / 128, 0)


class Tanh(Sigmoid):
    """The op."""

    name = "TANH"
    constraints = (*Lookup.constraints, fixed_output, input_scale_fits)
    output_bits = 7
    output_zero_point = 0

    def curve(self, x: int) -> int:
        """(1 - e) / (1 + e) = 2 / (1 + e) - 1 with e = exp(-2 |x|), with the sign of x."""
        # x in Q4.27 is 2x in Q5.26.
        e = of_negative(-abs(x), FRACTION_BITS - 1)
        above = min(4 * (newton_reciprocal(e) - (1 << 29)), ONE)
        return above if x > 0 else -above


OPERATOR = Tanh()
