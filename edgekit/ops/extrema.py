"""What MAXIMUM and MINIMUM have in common: stored values are compared as they are."""

from __future__ import annotations

from typing import Any

from edgekit.ir import Graph, Operation
from edgekit.ops.elementwise import TWO_TENSORS, Elementwise, quantizations
from edgekit.ops.operator import NoAttributes


def one_quantization(graph: Graph, operation: Operation) -> bool:
    """Both of its inputs and its output have the same scale and zero point."""
    return len({(q.scale, q.zero_point) for q in quantizations(graph, operation)}) == 1


class Extremum(Elementwise):
    """One of the two values. TFLite's kernels take no notice of scales, so they must be one.

    Converters leave out the options, which are empty.
    """

    constraints = (*TWO_TENSORS, one_quantization)

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: there is nothing to choose."""
        return NoAttributes()

    def scaling(self, graph: Graph, operation: Operation) -> dict[str, int]:  # noqa: ARG002
        """None."""
        return {}
