"""Which stored values each tensor can hold at all."""

from __future__ import annotations

from edgekit.ir import Graph, Operation
from edgekit.ops import operators
from edgekit.ops.attributes import Limits
from edgekit.passes.moves import moves_of
from edgekit.passes.tables import table_of

_ANY = Limits()


def ranges(graph: Graph) -> dict[int, Limits]:
    """Limits of every variable tensor: clamps of the ops that make them, followed through tables,
    and through ops that only move values. Never too narrow."""
    found: dict[int, Limits] = dict.fromkeys(graph.inputs, _ANY)
    for operation in graph.operations:
        made = _made(graph, operation, found)
        found.update(dict.fromkeys(operation.outputs, made))
    return found


def _made(graph: Graph, operation: Operation, known: dict[int, Limits]) -> Limits:
    operator = operators()[operation.op]
    if operator.kernel is None:
        return known.get(operation.inputs[0], _ANY)
    if moves_of(graph, operation) is not None:
        return _union([_of(graph, number, known) for number in _int8(graph, operation)])
    table = table_of(graph, operation)
    if table is not None:
        source = known.get(table[0], _ANY)
        reached = table[1][source.low + 128 : source.high + 129]
        return Limits(int(reached.min()), int(reached.max()))
    parameters = operator.portable_calls(graph, operation)[-1].parameters
    return Limits(parameters.get("output_min", -128), parameters.get("output_max", 127))


def _int8(graph: Graph, operation: Operation) -> list[int]:
    """The inputs that are data, and not axes or sizes."""
    return [n for n in operation.inputs if n >= 0 and graph.tensor(n).dtype.value == "int8"]


def _of(graph: Graph, number: int, known: dict[int, Limits]) -> Limits:
    data = graph.tensor(number).data
    if data is not None:
        return Limits(int(data.min()), int(data.max()))
    return known.get(number, _ANY)


def _union(parts: list[Limits]) -> Limits:
    return Limits(min(part.low for part in parts), max(part.high for part in parts))
