"""Permutations of channels: the shuffles of ShuffleNet, which there are a reshape, a transpose and
a reshape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from edgekit.ir import DType, Graph, Operation, Tensor
from edgekit.ops.gather import GatherAttributes
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
from edgekit.passes.moves import Places, moves_of
from edgekit.passes.rewriting import only_reader, producers, readers

_LAST = GatherAttributes(axis=3, batch_dims=0)
_MOVERS = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "GATHER")


def fold_shuffles(graph: Graph) -> Graph:
    """Folds shuffles of channels into the weights before or behind them.

    A chain of moves that gives each pixel the same permutation of its channels becomes one GATHER
    (found by following every single place through the chain). Then, as far as it goes:

    - The convolution before it makes its channels in the new order: its rows of weights, biases
      and scales are permuted. A grouped one whose groups the shuffle deals out in turn writes
      channel i of group g to place i * groups + g. Every sum has the same terms.
    - An ungrouped convolution behind it has its weights permuted along the input channels: every
      sum has the same terms in another order, and sums of int32 that do not overflow in any order
      (ops/convolution.py bounds them by magnitude) do not depend on it.
    - A depthwise convolution treats channels alike and changes places with the shuffle.
    """
    graph = remove_dead_ops(_as_gathers(graph))
    while True:
        found = _absorbed(graph)
        if found is graph:
            return graph
        graph = found


def permutation(graph: Graph, operation: Operation) -> tuple[int, ...] | None:
    """For a GATHER that permutes channels: the input channel of each output channel."""
    if operation.op != "GATHER" or operation.attributes != _LAST:
        return None
    data = graph.tensor(operation.inputs[1]).data
    assert data is not None
    order = tuple(int(channel) for channel in data.ravel())
    whole = sorted(order) == list(range(graph.tensor(operation.inputs[0]).shape[3]))
    return order if whole and data.ndim == 1 else None


def _as_gathers(graph: Graph) -> Graph:
    add = Additions(graph)
    chains: dict[int, tuple[int, Places]] = {}
    found = []
    for operation in graph.operations:
        if operation.op in _MOVERS:
            origin, places = _followed(graph, operation, chains)
            chains[operation.outputs[0]] = origin, places
            order = _channel_order(graph, operation, origin, places)
            if order is not None:
                operation = _gather(add, operation, origin, order)
        found.append(operation)
    return add.finish(found)


def _followed(
    graph: Graph, operation: Operation, chains: Mapping[int, tuple[int, Places]]
) -> tuple[int, Places]:
    """What a chain of moves begins with, and which place of it each place of the output has."""
    moves = moves_of(graph, operation)
    assert moves is not None
    (move,) = moves
    assert move.taken is not None
    places = np.empty(len(move.target), np.int64)
    places[move.target] = move.source
    if move.taken not in chains:
        return move.taken, places
    origin, before = chains[move.taken]
    return origin, before[places]


def _channel_order(
    graph: Graph, operation: Operation, origin: int, places: Places
) -> tuple[int, ...] | None:
    """The permutation that every pixel undergoes; None for any other move."""
    shape = graph.tensor(operation.outputs[0]).shape
    if len(shape) != 4 or graph.tensor(origin).shape != shape:
        return None
    pixels = places.reshape(-1, shape[3])
    order = pixels[0]
    if not np.array_equal(pixels, order + np.arange(len(pixels))[:, None] * shape[3]):
        return None
    moved = sorted(order) == list(range(shape[3])) and not np.array_equal(order, sorted(order))
    return tuple(order.tolist()) if moved else None


def _gather(add: Additions, move: Operation, source: int, order: tuple[int, ...]) -> Operation:
    """The op that gives output channel j the input channel `order[j]`."""
    data = np.array(order, np.int32)
    indices = add.add(Tensor("channels", data.shape, DType.INT32, data=data))
    return replace(move, op="GATHER", inputs=(source, indices), attributes=_LAST)


def _absorbed(graph: Graph) -> Graph:
    """The graph after one shuffle has gone; the same graph when none can go."""
    for shuffle in graph.operations:
        order = permutation(graph, shuffle)
        if order is None:
            continue
        found = _made_in_order(graph, shuffle, order) or _read_in_order(graph, shuffle, order)
        if found is not None:
            return found
    return graph


def _made_in_order(graph: Graph, shuffle: Operation, order: tuple[int, ...]) -> Graph | None:
    """The convolution before the shuffle writes what the shuffle would make of it."""
    source = shuffle.inputs[0]
    conv = producers(graph).get(source)
    if conv is None or only_reader(graph, source) is None:
        return None
    add = Additions(graph)
    if is_plain_conv(graph, conv):
        whole = writing(add, conv, order, OUTPUT_AXIS)
    elif _deals_out(graph, conv, order):
        whole = replace(conv, attributes=replace(conv.attributes, interleaved=True))
    else:
        return None
    changed = {id(conv): replace(whole, outputs=shuffle.outputs)}
    return add.finish(
        [changed.get(id(found), found) for found in graph.operations if found is not shuffle]
    )


def _deals_out(graph: Graph, conv: Operation, order: tuple[int, ...]) -> bool:
    """Whether the order takes a channel of each group in turn."""
    if conv.op != "CONV_2D" or conv.attributes.interleaved:
        return False
    groups = graph.tensor(conv.inputs[0]).shape[3] // graph.tensor(conv.inputs[1]).shape[3]
    dealt = np.arange(len(order)).reshape(groups, -1).T
    return order == tuple(dealt.ravel().tolist())


def _read_in_order(graph: Graph, shuffle: Operation, order: tuple[int, ...]) -> Graph | None:
    """All that read the shuffle's output read its input instead."""
    target = shuffle.outputs[0]
    reading_it = readers(graph)[target]
    if target in graph.outputs or not reading_it:
        return None
    if not all(_takes_any_order(graph, found) for found in reading_it):
        return None
    add = Additions(graph)
    # Channel j of the shuffle's input is channel inverse[j] of its output.
    inverse = tuple(int(channel) for channel in np.argsort(order))
    operations: list[Operation] = []
    for found in graph.operations:
        if found is shuffle:
            continue
        if target not in found.inputs:
            operations.append(found)
        elif is_plain_conv(graph, found):
            conv = reading(add, found, inverse)
            operations.append(replace(conv, inputs=(shuffle.inputs[0], *conv.inputs[1:])))
        else:
            operations += _swapped(add, found, shuffle, inverse)
    return add.finish(operations)


def _swapped(
    add: Additions, deep: Operation, shuffle: Operation, inverse: tuple[int, ...]
) -> tuple[Operation, Operation]:
    """The depthwise convolution first, then the shuffle."""
    before = add.add(replace(add.graph.tensor(deep.outputs[0])))
    first = writing(add, deep, inverse, DEPTHWISE_AXIS)
    first = replace(first, inputs=(shuffle.inputs[0], *first.inputs[1:]), outputs=(before,))
    then = replace(shuffle, inputs=(before, shuffle.inputs[1]), outputs=deep.outputs)
    return first, then


def _takes_any_order(graph: Graph, operation: Operation) -> bool:
    """Whether an op, or all that read it, can have the order of its input in its weights."""
    if is_plain_conv(graph, operation):
        return True
    target = operation.outputs[0]
    if not is_plain_depthwise(operation) or target in graph.outputs:
        return False
    return all(_takes_any_order(graph, found) for found in readers(graph)[target])
