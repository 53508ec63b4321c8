"""A .tflite with every fused RELU6 made an op of its own, so that values before the clip show."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from edgekit.tflite.clamps import clamps
from edgekit.tflite.rewriting import operator_code, pack, unpack

_RELU6_VERSION = 1  # that of float models
_NO_ACTIVATION = 0


@dataclass(frozen=True, slots=True)
class UnfusedClamp:
    """A RELU6 of the rewritten model: its name, and the number of the tensor that goes into it."""

    name: str
    before: int


def unfuse_relu6(data: bytes, name: str) -> tuple[bytes, tuple[UnfusedClamp, ...]]:
    """The same float model with standalone RELU6 ops only, and where each of them reads.

    Raises `ModelError` for bytes that are no .tflite file.
    """
    found = clamps(data, name)
    model = unpack(data, name)
    graph = model.subgraphs[0]
    unfused = []
    for clamp in reversed(found):  # from the end, so that earlier indices stay true
        operator = graph.operators[clamp.index]
        if clamp.op == "RELU6":
            before = int(operator.inputs[0])
        else:
            before = _split(model, graph, clamp.index, operator)
        unfused.append(UnfusedClamp(clamp.name, before))
    return pack(model), tuple(reversed(unfused))


def _split(model: Any, graph: Any, index: int, operator: Any) -> int:
    """Moves an op's activation into a RELU6 after it; gives the number of the tensor between."""
    after = int(operator.outputs[0])
    between = copy.copy(graph.tensors[after])
    between.name = graph.tensors[after].name + b";before"
    graph.tensors.append(between)
    number = len(graph.tensors) - 1
    relu6 = type(operator)()
    relu6.opcodeIndex = operator_code(model, "RELU6", _RELU6_VERSION)
    relu6.inputs, relu6.outputs = [number], [after]
    operator.builtinOptions.fusedActivationFunction = _NO_ACTIVATION
    operator.outputs = [number]
    graph.operators.insert(index + 1, relu6)
    return number
