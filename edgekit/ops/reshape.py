"""RESHAPE: the same bytes under another shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import counts, int8_per_tensor
from edgekit.ops.operator import KernelCall, Operator, View


@dataclass(frozen=True, slots=True)
class ReshapeAttributes:
    """The place of the input where the output begins; a pass makes other ones than 0."""

    offset: int = 0


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

    def attributes(self, options: Any) -> ReshapeAttributes:  # noqa: ARG002
        """The output's shape says all else."""
        return ReshapeAttributes()

    def views(self, graph: Graph, operation: Operation) -> tuple[View, ...]:  # noqa: ARG002
        """The output is memory of the input."""
        source, target = operation.inputs[0], operation.outputs[0]
        return (View(target, source, operation.attributes.offset),)

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:  # noqa: ARG002
        """Never asked."""
        raise AssertionError(f"{self.name} has no kernel")


OPERATOR = Reshape()
