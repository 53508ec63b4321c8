"""Operations in a row that all depend on the same byte: swish, GELU, hard sigmoid in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops import operators
from edgekit.ops.elementwise import Elementwise
from edgekit.ops.quantize import QuantizeAttributes
from edgekit.passes.dead_ops import remove_dead_ops
from edgekit.passes.rewriting import only_reader, producers, with_operations
from edgekit.passes.tables import table_of

Outputs = npt.NDArray[np.int8]
_Byte = tuple[int, Outputs]
"""The tensor that decides on a value, and the 256 values."""

_SAME = np.arange(-128, 128).astype(np.int8)


def compose_tables(graph: Graph) -> Graph:
    """Makes one table of operations in a row whose result depends on the same byte.

    Proof: what is compiled to a table has one output for each of 256 inputs, and an op on two
    tensors that both depend on one byte has as many, which `Elementwise.one` computes as its
    kernel does. Nobody else reads the values between.
    """
    for operation in graph.operations:
        graph = _composed(graph, operation)
    return graph


def _composed(graph: Graph, operation: Operation) -> Graph:
    found = _earlier(graph, operation)
    if found is None:
        return graph
    source, outputs = found
    one = replace(
        operation,
        op="QUANTIZE",
        inputs=(source,),
        attributes=QuantizeAttributes(tuple(outputs.tolist())),
    )
    changed = (one if found is operation else found for found in graph.operations)
    return _composed(remove_dead_ops(with_operations(graph, changed)), one)


def _earlier(graph: Graph, operation: Operation) -> _Byte | None:
    """What decides on the operation's output, from before the values that it reads."""
    table = table_of(graph, operation)
    if table is None:
        return _of_two(graph, operation)
    before = _before(graph, table[0], operation)
    return (before[0], table[1][before[1].astype(int) + 128]) if before else None


def _before(graph: Graph, number: int, reader: Operation) -> _Byte | None:
    """What decides on a value that a table makes for this reader only."""
    maker = producers(graph).get(number)
    if maker is None or only_reader(graph, number) is not reader:
        return None
    return table_of(graph, maker)


def _of_two(graph: Graph, operation: Operation) -> _Byte | None:
    operator = operators()[operation.op]
    if not isinstance(operator, Elementwise) or not _alike(graph, operation):
        return None
    origins = [_origins(graph, number, operation) for number in operation.inputs]
    for source in origins[0].keys() & origins[1].keys():
        by = operator.scaling(graph, operation)
        pairs = _pairs([origin[source] for origin in origins])
        return source, np.array([operator.one(by, *pair) for pair in pairs], np.int8)
    return None


def _alike(graph: Graph, operation: Operation) -> bool:
    """Whether neither of two inputs is constant or stretched."""
    tensors = [graph.tensor(number) for number in (*operation.inputs, *operation.outputs)]
    return len({t.shape for t in tensors}) == 1 and not any(t.constant for t in tensors)


def _origins(graph: Graph, number: int, reader: Operation) -> dict[int, Outputs]:
    """By the tensor that decides on a value: itself, and the one before a table."""
    before = _before(graph, number, reader)
    return {number: _SAME, **({before[0]: before[1]} if before else {})}


def _pairs(tables: Sequence[Outputs]) -> list[tuple[int, int]]:
    first, second = (table.tolist() for table in tables)
    return list(zip(first, second, strict=True))
