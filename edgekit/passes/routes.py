"""Splits, shuffles and concatenations of channels, undone where convolutions can write every
channel to where it is read: the units of ShuffleNet V2."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from edgekit.fixedpoint import Activation
from edgekit.ir import Graph, Operation
from edgekit.ops.concatenation import ConcatenationAttributes
from edgekit.passes.channels import (
    DEPTHWISE_AXIS,
    OUTPUT_AXIS,
    Additions,
    is_plain_conv,
    is_plain_depthwise,
    reading,
    writing,
)
from edgekit.passes.dead_ops import remove_dead_ops
from edgekit.passes.moves import Move, moves_of
from edgekit.passes.rewriting import producers, readers, renamed

_ROUTERS = ("SPLIT", "SPLIT_V", "CONCATENATION", "GATHER", "SLICE", "STRIDED_SLICE")

_MOST_PIECES = 12
"""Each piece costs a call of the kernel, so code and a look at every pixel of the input."""

Channel = tuple[int, int]
"""A tensor and one of its channels."""


def route_channels(graph: Graph) -> Graph:
    """Splits convolutions so that each writes its channels to where they are read.

    Each channel of a value that splits, shuffles and concatenations lead to comes from a channel
    that a convolution made. A convolution is cut, by output channels, into one for each value that
    reads some of them: each output channel is computed once, from the same weights, as before.
    Readers that can have any order of channels in their weights get the channels of one origin
    together. What is left are concatenations of whole results, which need no copy. A group of
    values is changed only where that leaves nothing to copy in it.
    """
    origins = _origins(graph)
    targets = _targets(graph, origins)
    makers = {number: maker for number, maker in producers(graph).items() if number not in origins}
    chosen = _routable(graph, targets, makers, set(origins))
    return _rewritten(graph, chosen, makers) if chosen else graph


def _origins(graph: Graph) -> dict[int, tuple[Channel, ...]]:
    """Where each channel of a value comes from that ops made which only move channels."""
    found: dict[int, tuple[Channel, ...]] = {}
    for operation in graph.operations:
        moves = moves_of(graph, operation) if operation.op in _ROUTERS else None
        channels = _channels(graph, moves) if moves else None
        for number, parts in (channels or {}).items():
            found[number] = tuple(
                found[source][channel] if source in found else (source, channel)
                for source, channel in parts
            )
    return found


def _channels(graph: Graph, moves: Iterable[Move]) -> dict[int, list[Channel]] | None:
    """For each output, its channels' sources; None for moves that are not the same in each pixel
    of equal images."""
    found: dict[int, list[Channel]] = {}
    for move in moves:
        if move.taken is None:
            return None
        source, target = graph.tensor(move.taken).shape, graph.tensor(move.put).shape
        if len(target) != 4 or source[:3] != target[:3]:
            return None
        pixels = int(np.prod(target[:3]))
        taken, put = move.source.reshape(pixels, -1), move.target.reshape(pixels, -1)
        apart = np.arange(pixels)[:, None]
        if not np.array_equal(taken, taken[0] + apart * source[3]):
            return None
        if not np.array_equal(put, put[0] + apart * target[3]):
            return None
        parts = found.setdefault(move.put, [(-1, -1)] * target[3])
        for here, there in zip(put[0].tolist(), taken[0].tolist(), strict=True):
            parts[here] = (move.taken, there)
    return found


@dataclass(frozen=True, slots=True)
class _Target:
    """A value whose channels come from elsewhere, in the order that it will have: of the old one's
    channels `order`, with their `origins`; `pieces` of neighbours with one origin."""

    number: int
    order: tuple[int, ...]
    origins: tuple[Channel, ...]

    @property
    def pieces(self) -> list[tuple[int, tuple[int, ...]]]:
        """(origin, its channels), in order."""
        found: list[tuple[int, list[int]]] = []
        for origin, channel in self.origins:
            if not found or found[-1][0] != origin:
                found.append((origin, []))
            found[-1][1].append(channel)
        return [(origin, tuple(channels)) for origin, channels in found]


def _targets(graph: Graph, origins: Mapping[int, tuple[Channel, ...]]) -> list[_Target]:
    """The values that something reads which is no mover of channels."""
    found = []
    reading_it = readers(graph)
    routed = {id(maker) for number, maker in producers(graph).items() if number in origins}
    for number, channels in origins.items():
        real = [reader for reader in reading_it[number] if id(reader) not in routed]
        order = tuple(range(len(channels)))
        if number not in graph.outputs and all(_any_order(graph, reader) for reader in real):
            order = tuple(sorted(order, key=lambda channel: channels[channel]))
        if real or number in graph.outputs:
            found.append(_Target(number, order, tuple(channels[channel] for channel in order)))
    return found


def _any_order(graph: Graph, operation: Operation) -> bool:
    """Whether an op can have the order of its input's channels in its weights."""
    if is_plain_conv(graph, operation):
        return True
    target = operation.outputs[0]
    if not is_plain_depthwise(operation) or target in graph.outputs:
        return False
    return all(is_plain_conv(graph, found) for found in readers(graph)[target])


def _routable(
    graph: Graph, targets: list[_Target], makers: Mapping[int, Operation], routed: set[int]
) -> list[_Target]:
    """The targets all of whose pieces can be made where they belong."""
    reading_it = readers(graph)
    whole = {
        number
        for number, maker in makers.items()
        if is_plain_conv(graph, maker)
        and number not in graph.outputs
        and all(routed.intersection(reader.outputs) for reader in reading_it[number])
    }
    while True:
        wanted: list[Channel] = [channel for target in targets for channel in target.origins]
        twice = {channel[0] for channel in _repeated(wanted)}
        able = whole - twice
        kept = [
            target
            for target in targets
            if len(target.pieces) <= _MOST_PIECES and all(c[0] in able for c in target.origins)
        ]
        dropped = [target for target in targets if target not in kept]
        if not dropped:
            return kept
        whole -= {channel[0] for target in dropped for channel in target.origins}
        targets = kept


def _repeated(channels: list[Channel]) -> set[Channel]:
    return {channel for channel, count in Counter(channels).items() if count > 1}


def _rewritten(graph: Graph, targets: list[_Target], makers: Mapping[int, Operation]) -> Graph:
    add = Additions(graph)
    plan = _Plan.of(add, targets, makers)
    # What still reads the old values, if anything, gets them under another number.
    old = {number: add.add(graph.tensor(number)) for number in plan.joins}
    orders = {target.number: target.order for target in targets}
    found: list[Operation] = []
    for operation in graph.operations:
        if operation.op in _ROUTERS:
            outputs = tuple(old.get(number, number) for number in operation.outputs)
            found.append(replace(renamed(operation, old), outputs=outputs))
            found += [plan.joins[number] for number in operation.outputs if number in old]
            continue
        operation = _reordered(add, operation, orders)
        parts = plan.parts.get(operation.outputs[0])
        found += [operation] if parts is None else _cut(add, operation, parts)
    return remove_dead_ops(add.finish(found))


@dataclass(frozen=True, slots=True)
class _Plan:
    """How convolutions are cut, by the number of their output, into (new output, channels); and
    what joins the parts, by the number of the value."""

    parts: dict[int, list[tuple[int, tuple[int, ...]]]]
    joins: dict[int, Operation]

    @classmethod
    def of(cls, add: Additions, targets: list[_Target], makers: Mapping[int, Operation]) -> _Plan:
        """The plan for some targets."""
        plan = cls({}, {})
        for target in targets:
            numbers = []
            for origin, channels in target.pieces:
                parts = plan.parts.setdefault(origin, [])
                numbers.append(_part(add, origin, len(channels), len(parts)))
                parts.append((numbers[-1], channels))
            plan.joins[target.number] = Operation(
                op="CONCATENATION",
                inputs=tuple(numbers),
                outputs=(target.number,),
                attributes=ConcatenationAttributes(3, Activation.NONE),
                index=makers[target.origins[0][0]].index,
            )
        return plan


def _part(add: Additions, origin: int, channels: int, count: int) -> int:
    whole = add.tensor(origin)
    shape = (*whole.shape[:3], channels)
    return add.add(replace(whole, shape=shape, name=f"{whole.name};{count}"))


def _cut(
    add: Additions, conv: Operation, parts: list[tuple[int, tuple[int, ...]]]
) -> list[Operation]:
    """One convolution for each part of the output channels."""
    return [
        replace(writing(add, conv, channels, OUTPUT_AXIS), outputs=(number,))
        for number, channels in parts
    ]


def _reordered(
    add: Additions, operation: Operation, orders: dict[int, tuple[int, ...]]
) -> Operation:
    """An operation with weights for its input's new order; a depthwise one hands the order on."""
    order = orders.get(operation.inputs[0])
    if order is None or order == tuple(range(len(order))):
        return operation
    if operation.op == "CONV_2D":
        return reading(add, operation, order)
    orders[operation.outputs[0]] = order
    return writing(add, operation, order, DEPTHWISE_AXIS)
