"""Operations whose output depends on one byte each, as the table that they are compiled to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops import Constant, TensorPointer, operators
from edgekit.ops.attributes import Limits

_KERNEL = "ek_lookup_s8"
_ALL = np.arange(-128, 128)


def table_of(graph: Graph, operation: Operation) -> tuple[int, npt.NDArray[np.int8]] | None:
    """The tensor that the table is asked about, and its 256 outputs; None for any other op."""
    calls = operators()[operation.op].portable_calls(graph, operation)
    if len(calls) != 1 or not calls[0].function.startswith(_KERNEL):
        return None
    source, table, _ = calls[0].arguments
    assert isinstance(source, TensorPointer)
    assert isinstance(table, Constant)
    return source.tensor, table.values.astype(np.int8)


def clamp_of(table: npt.NDArray[np.int8], reachable: Limits) -> Limits | None:
    """The limits whose clamp gives a table's outputs for all reachable inputs; None for others."""
    inputs = _ALL[reachable.low + 128 : reachable.high + 129]
    outputs = table[inputs + 128].astype(int)
    found = Limits(int(outputs[0]), int(outputs[-1]))
    if found.low > found.high:
        return None
    return found if np.array_equal(np.clip(inputs, found.low, found.high), outputs) else None


def is_identity(table: npt.NDArray[np.int8], reachable: Limits) -> bool:
    """Whether a table gives every reachable input back."""
    inputs = _ALL[reachable.low + 128 : reachable.high + 129]
    return bool(np.array_equal(table[inputs + 128], inputs))
