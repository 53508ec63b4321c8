"""What ops have in common that map each int8 by itself: a table of 256 outputs.

A table costs 256 bytes of flash and one load per value; computing the same thing costs a long
multiplication per value, which a Cortex-M0+ has not.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import counts, int8_per_tensor, variable_input
from edgekit.ops.operator import (
    Constant,
    Constraint,
    InPlace,
    KernelCall,
    Operator,
    TensorPointer,
)
from edgekit.ops.rows import Rows, same_rows

BYTES = range(-128, 128)
"""The inputs of a table, in its order."""


def lookup(graph: Graph, source: int, outputs: Iterable[int], target: int) -> KernelCall:
    """One call of ek_lookup_s8 from tensor `source` to `target`.

    `outputs` are those of -128, -127, … 127; they saturate.
    """
    table = np.clip(list(outputs), -128, 127).astype(np.int8)
    return KernelCall(
        function="ek_lookup_s8",
        header="ek_lookup_s8.h",
        parameters={"count": graph.tensor(source).elements},
        arguments=(TensorPointer(source), Constant("table", table), TensorPointer(target)),
    )


def same_shape(graph: Graph, operation: Operation) -> bool:
    """Its output has its input's shape."""
    return graph.tensor(operation.inputs[0]).shape == graph.tensor(operation.outputs[0]).shape


class Lookup(Operator):
    """An op whose every output value depends on one input value."""

    kernel = "ek_lookup_s8.h"
    constraints: ClassVar[Sequence[Constraint]] = (
        counts(1),
        int8_per_tensor,
        variable_input,
        same_shape,
    )

    @abstractmethod
    def values(self, graph: Graph, operation: Operation) -> Iterable[int]:
        """The outputs of `BYTES`; those that no int8 holds saturate."""

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_lookup_s8."""
        values = self.values(graph, operation)
        return lookup(graph, operation.inputs[0], values, operation.outputs[0])

    def in_place(self, graph: Graph, operation: Operation) -> tuple[InPlace, ...]:  # noqa: ARG002
        """Each value is read before its place is written."""
        return (InPlace(input=0, output=0),)

    def rows(self, graph: Graph, operation: Operation) -> Rows | None:
        """Row by row."""
        return same_rows(graph, operation)
