"""What runs slower than the best kernels of the cores do, and what runs portable C on them."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.artifacts import PortableLayers, SlowLayer
from edgekit.ir import Graph, Operation, short_name
from edgekit.ops import KernelCall, operators
from edgekit.ops.variants import is_portable
from edgekit.passes.moves import only_moves
from edgekit.planner import Plan

_Lowered = tuple[int, Operation, tuple[KernelCall, ...], float]
"""The step, what it runs there, and its share of the multiply-accumulates."""


def slow_layers(graph: Graph, planned: Plan) -> Iterator[SlowLayer]:
    """What the kernels' own choice says of layers that it has nothing better for."""
    for step, operation, calls, share in _lowered(graph, planned):
        for why in dict.fromkeys(call.slow for call in calls if call.slow):
            name = short_name(graph.tensor(operation.outputs[0]).name)
            yield SlowLayer(step=step, op=operation.op, name=name, share=share, why=why)


def portable_layers(graph: Graph, planned: Plan) -> Iterator[PortableLayers]:
    """By op, the layers that compute by portable C on cores with kernels of their own, without
    those that `slow_layers` names."""
    found: dict[str, list[float]] = {}
    for _, operation, calls, share in _lowered(graph, planned):
        if graph.kernels and any(map(_is_silent, calls)) and not only_moves(calls):
            found.setdefault(operation.op, []).append(share)
    for op, shares in found.items():
        yield PortableLayers(op=op, layers=len(shares), share=sum(shares))


def _is_silent(call: KernelCall) -> bool:
    return is_portable(call.function) and not call.slow


def _lowered(graph: Graph, planned: Plan) -> list[_Lowered]:
    found = [(step.index, *lowered) for step in planned.steps for lowered in step.lowered]
    macs = [operators()[operation.op].macs(graph, operation) for _, operation, _ in found]
    return [(*one, own / max(1, sum(macs))) for one, own in zip(found, macs, strict=True)]
