"""RESHAPE: the same bytes under another shape."""

from __future__ import annotations

from typing import Any

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import counts, int8_per_tensor
from edgekit.ops.operator import KernelCall, NoAttributes, Operator


def same_count(graph: Graph, operation: Operation) -> bool:
    """Its input is not constant, and its output has as many values."""
    source = graph.tensor(operation.inputs[0])
    return not source.constant and source.elements == graph.tensor(operation.outputs[0]).elements


class Reshape(Operator):
    """The op; it costs nothing at run time. The shape is read from the output, not the input.

    SQUEEZE and EXPAND_DIMS are the same with other inputs.
    """

    name = "RESHAPE"
    kernel = None
    constraints = (counts(range(1, 3)), int8_per_tensor, same_count)

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the output's shape says all."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:  # noqa: ARG002
        """Never asked."""
        raise AssertionError(f"{self.name} has no kernel")


OPERATOR = Reshape()
