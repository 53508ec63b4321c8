"""Channels that nobody reads: training with weight decay leaves whole columns of zeros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation, Tensor
from edgekit.ops import variants
from edgekit.passes.channels import (
    DEPTHWISE_AXIS,
    OUTPUT_AXIS,
    Additions,
    is_plain_conv,
    is_plain_depthwise,
    reading,
    writing,
)
from edgekit.passes.rewriting import readers

Channels = npt.NDArray[np.bool_]
"""Which of a value's channels are meant, [channels]."""

_POOLS = ("AVERAGE_POOL_2D", "MAX_POOL_2D")


def remove_dead_channels(graph: Graph) -> Graph:
    """Leaves out channels that meet only weights of 0 wherever they are read.

    A product with a weight of 0 is 0 whatever the channel holds, and x - zero_point times 0 as
    well: neither a sum nor the input's zero point folded into a bias changes. From convolutions
    this goes back through ops that keep channels apart, to the convolution that makes them, which
    loses rows of weights. At least one channel stays, because no tensor is empty, and more where
    the kernels take a multiple of some number faster.
    """
    needed = _needed(graph)
    makers = [found for found in graph.operations if _makes(graph, found, needed)]
    kept = {found.outputs[0]: needed[found.outputs[0]] for found in makers}
    for operation in graph.operations:  # what only hands channels on has those of its input
        if _hands_on(operation) and operation.inputs[0] in kept:
            kept[operation.outputs[0]] = kept[operation.inputs[0]]
    return _without(graph, kept) if kept else graph


def _needed(graph: Graph) -> dict[int, Channels]:
    """For values [1, h, w, ch]: the channels on which a result may depend."""
    reading_it = readers(graph)
    found: dict[int, Channels] = {}
    for number, tensor in reversed(list(_made(graph).items())):
        wanted = np.zeros(tensor.shape[-1], np.bool_)
        for reader in reading_it[number]:
            wanted |= _wanted(graph, reader, number, found)
        if number in graph.outputs:
            wanted[:] = True
        found[number] = wanted
    return found


def _made(graph: Graph) -> dict[int, Tensor]:
    """The values that operations make, in their order; those with channels."""
    numbers = (number for operation in graph.operations for number in operation.outputs)
    return {n: graph.tensor(n) for n in numbers if len(graph.tensor(n).shape) == 4}


def _wanted(
    graph: Graph, reader: Operation, number: int, later: Mapping[int, Channels]
) -> Channels | bool:
    """The channels of a value that one of its readers depends on; True: all."""
    if _hands_on(reader):
        return later[reader.outputs[0]]
    if is_plain_conv(graph, reader) and reader.inputs[0] == number:
        weights = graph.tensor(reader.inputs[1]).data
        assert weights is not None
        return np.asarray((weights != 0).any(axis=(0, 1, 2)))
    return True


def _hands_on(operation: Operation) -> bool:
    """Whether each output channel depends on the input channel of its place and no other."""
    return is_plain_depthwise(operation) or operation.op in _POOLS


def _makes(graph: Graph, operation: Operation, needed: Mapping[int, Channels]) -> bool:
    """Whether it is a convolution that can do without some of its output channels."""
    if not is_plain_conv(graph, operation) or operation.attributes.out_stride:
        return False
    wanted = needed[operation.outputs[0]]
    multiple = variants.channel_multiple(graph.kernels)
    missing = max(multiple - wanted.sum(), -wanted.sum() % multiple)
    wanted[np.flatnonzero(~wanted)[:missing]] = True
    return not wanted.all()


def _without(graph: Graph, kept: Mapping[int, Channels]) -> Graph:
    """The graph with only those channels of values."""
    tensors = list(graph.tensors)
    for number, channels in kept.items():
        shape = (*tensors[number].shape[:3], int(channels.sum()))
        tensors[number] = replace(tensors[number], shape=shape)
    add = Additions(replace(graph, tensors=tuple(tensors)))
    return add.finish([_narrowed(add, operation, kept) for operation in graph.operations])


def _narrowed(add: Additions, operation: Operation, kept: Mapping[int, Channels]) -> Operation:
    source, target = kept.get(operation.inputs[0]), kept.get(operation.outputs[0])
    if operation.op == "CONV_2D":
        if source is not None:
            operation = reading(add, operation, np.flatnonzero(source).tolist())
        if target is not None:
            operation = writing(add, operation, np.flatnonzero(target).tolist(), OUTPUT_AXIS)
    elif operation.op == "DEPTHWISE_CONV_2D" and target is not None:
        operation = writing(add, operation, np.flatnonzero(target).tolist(), DEPTHWISE_AXIS)
    return operation
