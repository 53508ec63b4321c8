"""Operations that only move values, as the map from places in outputs to places in inputs.

The map is read off the kernel calls that an operation lowers to, so that it is true for every op
that moves values, and for every form of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops import Constant, KernelCall, TensorPointer, operators

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """Values `source` places of tensor `taken` go to `target` places of tensor `put`, in order.

    Both are flat [n] int64; `taken` is None for a constant.
    """

    taken: int | None
    source: Places
    put: int
    target: Places


def moves_of(graph: Graph, operation: Operation) -> list[Move] | None:
    """All that an operation moves; None for one that does anything else."""
    operator = operators()[operation.op]
    if operator.kernel is None:
        every = np.arange(graph.tensor(operation.outputs[0]).elements)
        start = operation.attributes.offset
        return [Move(operation.inputs[0], every + start, operation.outputs[0], every)]
    calls = operator.portable_calls(graph, operation)
    if not all(call.function in _READERS for call in calls):
        return None
    return [_READERS[call.function](call) for call in calls]


def moved_bytes(graph: Graph) -> int:
    """How many bytes of the arena one inference writes that no arithmetic made."""
    return sum(_written(graph, operation) for operation in moving_operations(graph))


def _written(graph: Graph, operation: Operation) -> int:
    moves = moves_of(graph, operation)
    if moves is None:  # a pad
        return graph.tensor(operation.outputs[0]).bytes
    return sum(len(move.target) for move in moves)


def moving_operations(graph: Graph) -> list[Operation]:
    """The operations that run and only move values, padding included."""
    return [
        operation
        for operation in graph.operations
        for calls in [operators()[operation.op].portable_calls(graph, operation)]
        if calls and only_moves(calls)
    ]


def only_moves(calls: Sequence[KernelCall]) -> bool:
    """Whether they move values, or make padding, and compute nothing."""
    return all(call.function in (*_READERS, "ek_pad_s8") for call in calls)


def _ends(call: KernelCall) -> tuple[int | None, int]:
    source, target = call.arguments[0], call.arguments[-1]
    assert isinstance(target, TensorPointer)
    if isinstance(source, Constant):
        return None, target.tensor
    assert isinstance(source, TensorPointer)
    return source.tensor, target.tensor


def _move(call: KernelCall) -> Move:
    """ek_move_s8: five nested loops; one that is left out runs once."""
    taken, put = _ends(call)
    return Move(taken, _walk(call.parameters, "in"), put, _walk(call.parameters, "out"))


def _walk(parameters: Mapping[str, int], side: str) -> Places:
    places = np.array([parameters[f"{side}_start"]], np.int64)
    for loop in "abcde":
        steps = np.arange(max(1, parameters.get(loop, 1)), dtype=np.int64)
        step = parameters.get(f"{side}_{loop}", 0)
        places = (places[:, None] + steps * step).reshape(-1)
    return places


def _gather(call: KernelCall) -> Move:
    """ek_gather_s8: chosen slices along the middle one of three axes."""
    taken, put = _ends(call)
    p, chosen = call.parameters, call.arguments[1]
    assert isinstance(chosen, Constant)
    indices = chosen.values.reshape(p["batch"], 1, p["count"], 1).astype(np.int64)
    blocks = np.arange(p["batch"] * p["outer"]).reshape(p["batch"], p["outer"], 1, 1)
    places = (blocks * p["extent"] + indices) * p["inner"] + np.arange(p["inner"])
    return Move(taken, places.reshape(-1), put, np.arange(places.size))


_READERS = {"ek_move_s8": _move, "ek_gather_s8": _gather}
