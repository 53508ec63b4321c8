"""Images whose last channels lie below the first ones, as an image of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgekit.fixedpoint import Activation
from edgekit.ir import Graph, Operation, Tensor
from edgekit.ops.attributes import NO_BORDER, Padding
from edgekit.ops.concatenation import ConcatenationAttributes
from edgekit.passes.channels import (
    DEPTHWISE_AXIS,
    Additions,
    is_plain_conv,
    is_plain_depthwise,
    writing,
)
from edgekit.passes.delaying import delay_parts
from edgekit.passes.memory import Memory
from edgekit.passes.placing import place_parts
from edgekit.passes.rewriting import producers, readers

_ALIGNMENT = 4
"""Kernels may use whole words from the start of a tensor."""
_CHANNELS, _ROWS = 3, 1
"""Axes of an image."""


def stack_planes(graph: Graph) -> Graph:
    """Lays the second half of an image's channels below the first, where it is made much later.

    Parts of a CONCATENATION that are written straight into each pixel take the memory of all when
    the first of them is made. Of two images, one below the other, the second takes none until it
    is made. A 1 x 1 convolution of both then has a window of two cells, as far apart as an image
    is high: the same products, in sums of int32 that do not overflow in any order. A depthwise
    convolution is cut in two. Done only where most memory is in use, and only while that helps.
    """
    found = _Arranged(graph)
    while (join := found.longest_waiting()) is not None:
        better = _Arranged(_stacked(graph, join))
        if better.peak >= found.peak:
            break
        graph, found = better.graph, better
    return graph


@dataclass(frozen=True, slots=True)
class _Halves:
    """A CONCATENATION of channels by the inputs that make up the first and the second half."""

    join: Operation
    parts: tuple[tuple[int, ...], tuple[int, ...]]

    @property
    def whole(self) -> int:
        """What it makes."""
        return self.join.outputs[0]


class _Arranged:
    """A graph with its memory as it will be after the passes that come later."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._later = delay_parts(place_parts(graph))
        alive = Memory(self._later).alive
        self.peak = max(alive, default=0)
        self._place = alive.index(self.peak) if alive else 0

    def longest_waiting(self) -> _Halves | None:
        """The largest value of whose second half nothing is made at the peak."""
        waiting = [found for found in _all_halves(self.graph) if self._waits(found)]
        return max(waiting, key=lambda it: self.graph.tensor(it.whole).bytes, default=None)

    def _waits(self, halves: _Halves) -> bool:
        places = {n: at for at, op in enumerate(self._later.operations) for n in op.outputs}
        first, second = ([places[number] for number in parts] for parts in halves.parts)
        return min(first) <= self._place < min(second) and max(first) < min(second)


def _all_halves(graph: Graph) -> Iterator[_Halves]:
    """Each CONCATENATION that can be two images."""
    reading_it, made = readers(graph), producers(graph)
    for join in graph.operations:
        found = _halved(graph, join) if join.op == "CONCATENATION" else None
        if found is None or found.whole in graph.outputs or not made.keys() >= {*join.inputs}:
            continue
        if all(_reads_planes(graph, reader) for reader in reading_it[found.whole]):
            yield found


def _halved(graph: Graph, join: Operation) -> _Halves | None:
    """Its inputs by halves; None where none of them begins with the second half."""
    shape = graph.tensor(join.outputs[0]).shape
    if len(shape) != 4 or join.attributes.axis not in (_CHANNELS, -1):
        return None
    half = graph.tensor(join.outputs[0]).bytes // 2
    ends = np.cumsum([graph.tensor(number).shape[_CHANNELS] for number in join.inputs])
    if shape[_CHANNELS] % 2 or half % _ALIGNMENT or shape[_CHANNELS] // 2 not in ends:
        return None
    first = int(np.searchsorted(ends, shape[_CHANNELS] // 2)) + 1
    return _Halves(join, (join.inputs[:first], join.inputs[first:]))


def _reads_planes(graph: Graph, operation: Operation) -> bool:
    """Whether it is a convolution that can read two images in place of one."""
    if is_plain_depthwise(operation):
        return True
    a = operation.attributes
    return (
        is_plain_conv(graph, operation)
        and graph.tensor(operation.inputs[1]).shape[1:3] == (1, 1)
        and (a.stride_h, a.stride_w, a.border) == (1, 1, NO_BORDER)
    )


def _stacked(graph: Graph, halves: _Halves) -> Graph:
    """The graph with that value as one image below another."""
    add = Additions(graph)
    images, joins = [], []
    for parts in halves.parts:
        images.append(parts[0])
        if len(parts) > 1:
            images[-1] = add.add(_image(add, halves.whole, planes=1))
            joins.append(_concatenation(halves.join, parts, images[-1], _CHANNELS))
    both = add.add(_image(add, halves.whole, planes=2))
    joins.append(_concatenation(halves.join, images, both, _ROWS))
    found: list[Operation] = []
    for operation in graph.operations:
        if operation is halves.join:
            found += joins
        elif operation.inputs[0] == halves.whole:
            found += _reading(add, operation, images, both)
        else:
            found.append(operation)
    return add.finish(found)


def _image(add: Additions, whole: int, *, planes: int) -> Tensor:
    """A half of a value's channels, or both as one image below the other."""
    tensor = add.tensor(whole)
    _, height, width, channels = tensor.shape
    return replace(tensor, shape=(1, planes * height, width, channels // 2))


def _concatenation(source: Operation, parts: Sequence[int], whole: int, axis: int) -> Operation:
    attributes = ConcatenationAttributes(axis, Activation.NONE)
    return replace(
        source,
        op="CONCATENATION",
        inputs=tuple(parts),
        outputs=(whole,),
        attributes=attributes,
    )


def _reading(
    add: Additions, operation: Operation, images: Sequence[int], both: int
) -> list[Operation]:
    """A convolution for two images in place of one."""
    if operation.op == "CONV_2D":
        return [_two_cells(add, operation, both)]
    return [*_cut(add, operation, images)]


def _two_cells(add: Additions, conv: Operation, both: int) -> Operation:
    """A 1 x 1 convolution that reads the first half of its channels from the upper image, the
    second from the lower one."""
    old = add.tensor(conv.inputs[1])
    assert old.data is not None
    data = np.ascontiguousarray(np.concatenate(np.split(old.data, 2, axis=3), axis=1))
    weights = add.add(replace(old, shape=data.shape, data=data))
    height = add.tensor(both).shape[1] // 2
    attributes = replace(conv.attributes, padding=Padding.VALID, dilation_h=height, dilation_w=1)
    return replace(conv, inputs=(both, weights, *conv.inputs[2:]), attributes=attributes)


def _cut(add: Additions, depthwise: Operation, images: Sequence[int]) -> Iterator[Operation]:
    """A depthwise convolution for each image, and what joins their channels."""
    whole = depthwise.outputs[0]
    shape = add.tensor(whole).shape
    half = shape[_CHANNELS] // 2
    parts = []
    for image, start in zip(images, (0, half), strict=True):
        channels = range(start, start + half)
        part = replace(add.tensor(whole), shape=(*shape[:3], half))
        parts.append(add.add(part))
        made = writing(add, depthwise, channels, DEPTHWISE_AXIS)
        yield replace(made, inputs=(image, *made.inputs[1:]), outputs=(parts[-1],))
    yield _concatenation(depthwise, parts, whole, _CHANNELS)
