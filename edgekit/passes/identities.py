"""Operations that give back what they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgekit.ir import DType, Graph, Operation, Tensor
from edgekit.ops.attributes import Limits
from edgekit.ops.reshape import ReshapeAttributes
from edgekit.passes.dead_ops import remove_dead_ops
from edgekit.passes.moves import moves_of
from edgekit.passes.ranges import ranges
from edgekit.passes.rewriting import producers, renamed, same_meaning, with_operations
from edgekit.passes.tables import is_identity, table_of

_RENAMING = "RESHAPE"
"""The op that costs nothing at run time."""


def remove_identities(graph: Graph) -> Graph:
    """Takes out operations that give back what they are given, and merges chains of moves.

    Proof: an op that is compiled to a table is left out when the table gives back every value that
    its input can hold, which is looked at value by value; one that moves values, when every place
    of its output gets the same place of its input. What one move after another does is found by
    looking up the places of one in those of the other.
    """
    return remove_dead_ops(_renamed_away(_named_only(_merged(graph))))


def _named_only(graph: Graph) -> Graph:
    """Identities become RESHAPEs: the same bytes under another shape or another scale."""
    known = ranges(graph)
    found = []
    for operation in graph.operations:
        source = _given_back(graph, operation, known)
        if source is not None:
            operation = replace(
                operation,
                op=_RENAMING,
                inputs=(source,),
                outputs=operation.outputs[:1],
                attributes=ReshapeAttributes(),
            )
        found.append(operation)
    return with_operations(graph, found)


def _given_back(graph: Graph, operation: Operation, known: Mapping[int, Limits]) -> int | None:
    """The input whose bytes are an operation's output; None where that is not so."""
    if len(operation.outputs) != 1:
        return None
    moves = moves_of(graph, operation)
    if moves is not None:
        (move, *others) = moves
        every = np.arange(graph.tensor(operation.outputs[0]).elements)
        whole = move.taken is not None and graph.tensor(move.taken).elements == len(every)
        in_order = len(move.source) == len(every) and np.array_equal(move.source, move.target)
        return move.taken if whole and in_order and not others else None
    table = table_of(graph, operation)
    if table is None or not is_identity(table[1], known[table[0]]):
        return None
    return table[0]


def _merged(graph: Graph) -> Graph:
    """A TRANSPOSE of a TRANSPOSE becomes one; the first stays for whoever else reads it."""
    made = producers(graph)
    tensors, found = list(graph.tensors), []
    for operation in graph.operations:
        first = made.get(operation.inputs[0])
        if operation.op == "TRANSPOSE" and first is not None and first.op == "TRANSPOSE":
            order = _order(tensors, first)[_order(tensors, operation)]
            name = f"{tensors[operation.inputs[1]].name};merged"
            tensors.append(Tensor(name, order.shape, DType.INT32, data=order))
            operation = replace(operation, inputs=(first.inputs[0], len(tensors) - 1))
            made.update(dict.fromkeys(operation.outputs, operation))
        found.append(operation)
    return replace(graph, tensors=tuple(tensors), operations=tuple(found))


def _order(tensors: Sequence[Tensor], transpose: Operation) -> npt.NDArray[np.int32]:
    data = tensors[transpose.inputs[1]].data
    assert data is not None
    return data.astype(np.int32)


def _renamed_away(graph: Graph) -> Graph:
    """RESHAPEs read what the one before them reads; one between equal tensors is left out."""
    names: dict[int, int] = {}
    found = []
    made = producers(graph)
    for operation in graph.operations:
        operation = renamed(operation, names)
        if operation.op == _RENAMING:
            operation = replace(operation, inputs=(_origin(operation.inputs[0], made),))
        source, target = operation.inputs[0], operation.outputs[0]
        if operation.op == _RENAMING and _interchangeable(graph, source, target):
            names[target] = source
            continue
        made.update(dict.fromkeys(operation.outputs, operation))
        found.append(operation)
    return with_operations(graph, found)


def _origin(number: int, made: dict[int, Operation]) -> int:
    """What a chain of RESHAPEs begins with."""
    while number in made and made[number].op == _RENAMING:
        number = made[number].inputs[0]
    return number


def _interchangeable(graph: Graph, source: int, target: int) -> bool:
    one, other = graph.tensor(source), graph.tensor(target)
    same = one.shape == other.shape and same_meaning(one, other)
    return same and target not in graph.outputs
