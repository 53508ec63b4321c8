"""Which tensors' channels can be rescaled together without changing what a float model computes.

Between two layers with weights lie tensors whose channels may be divided by any positive number:
the layers before divide their outputs' weights and biases, those behind multiply their inputs'
weights. ADD, pooling and padding carry one scale through, and CONCATENATION carries those of its
inputs side by side: channels that these tie together share one. Where anything else reads or makes
one of the tensors, none of them may be scaled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.quantize.layers import WeightedLayer, weighted_layers
from edgekit.tflite.editing import ABSENT, Editor, Op

NONE, RELU, RELU6 = 0, 1, 3

_CARRYING = frozenset(
    {"ADD", "AVERAGE_POOL_2D", "LEAKY_RELU", "MAX_POOL_2D", "MEAN", "PAD", "RELU", "SUB"}
)
_SCALABLE = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"})


Channels = npt.NDArray[np.int64]


@dataclass(slots=True)
class Tie:
    """Channels with a scale each, the tensors that hold them, and the layers around these.

    `at` says of each tensor which of the tie's channels its own are; `clips` [channels] which of
    them a RELU6 makes: it clips at 6 whatever the scale.
    """

    at: dict[int, Channels]
    clips: npt.NDArray[np.bool_]
    makers: list[WeightedLayer] = field(default_factory=list)
    readers: list[WeightedLayer] = field(default_factory=list)

    @property
    def tensors(self) -> list[int]:
        """What may be scaled, in the order of the model."""
        return list(self.at)

    @property
    def free(self) -> bool:
        """Whether scales cost its readers' weights nothing: each reads one channel at a time."""
        return all(layer.op == "DEPTHWISE_CONV_2D" for layer in self.readers)


def ties(model: Editor) -> tuple[Tie, ...]:
    """All that may be scaled in a float model, in the order of their first tensors."""
    layers = _layers(model)
    joined = _Joined(model)
    for tensor in (*model.inputs, *model.outputs):
        joined.fix(tensor)
    for op in model.ops():
        _join(model, op, op.outputs[0] in layers, joined)
    clipping = {op.outputs[0] for op in model.ops() if _activation(op) == RELU6}
    found = (_tie(at, layers, clipping) for at in joined.free_channels())
    return tuple(tie for tie in found if tie.makers and tie.readers)


def _tie(at: dict[int, Channels], layers: Mapping[int, WeightedLayer], clipping: Set[int]) -> Tie:
    clips = np.zeros(1 + max(int(places.max()) for places in at.values()), np.bool_)
    for tensor in clipping & at.keys():
        clips[at[tensor]] = True
    makers = [layers[tensor] for tensor in at if tensor in layers]
    readers = [layer for tensor in at for layer in layers.values() if layer.input == tensor]
    return Tie(at, clips, makers, readers)


def _layers(model: Editor) -> dict[int, WeightedLayer]:
    """The layers whose weights are theirs alone, by what they make."""
    found = weighted_layers(model)
    uses = Counter(tensor for layer in found for tensor in (layer.weights, layer.bias))
    return {
        layer.output: layer
        for layer in found
        if layer.op in _SCALABLE
        and uses[layer.weights] == 1
        and (layer.bias == ABSENT or uses[layer.bias] == 1)
    }


def scale(model: Editor, tie: Tie, scales: Floats) -> None:
    """Divides a tie's channels by scales [channels] > 0, in the weights and biases around it."""
    for layer in tie.makers:
        own = scales[tie.at[layer.output]]
        along = [1] * len(model.shape(layer.weights))
        along[layer.axis] = -1
        _multiply(model, layer.weights, 1 / own.reshape(along))
        if layer.bias != ABSENT:
            _multiply(model, layer.bias, 1 / own)
    for layer in tie.readers:
        own = scales[tie.at[layer.input]]
        weights = model.shape(layer.weights)
        _multiply(model, layer.weights, np.repeat(own, weights[-1] // len(own)))


def _multiply(model: Editor, tensor: int, factors: npt.NDArray[Any]) -> None:
    values = model.constant(tensor)
    assert values is not None
    model.set_constant(tensor, (values * factors).astype(np.float32))


def _values(model: Editor) -> list[int]:
    return [*model.inputs, *(tensor for op in model.ops() for tensor in op.outputs)]


def _activation(op: Op) -> int:
    return int(getattr(op.options, "fusedActivationFunction", NONE))


def _channels(model: Editor, tensor: int) -> int:
    shape = model.shape(tensor)
    return shape[-1] if len(shape) > 1 else 0


def _join(model: Editor, op: Op, layer: bool, joined: _Joined) -> None:
    """Notes what an op does to the scales of what it reads and makes."""
    read = [t for t in op.inputs if t != ABSENT and model.constant(t) is None]
    if _activation(op) not in (NONE, RELU, RELU6):
        joined.fix(op.outputs[0])
    if layer:
        weights = model.shape(op.inputs[1])
        depth = weights[-1] if op.op != "DEPTHWISE_CONV_2D" else _channels(model, read[0])
        if depth != _channels(model, read[0]):  # grouped, or flattened before it
            joined.fix(read[0])
    elif _concatenates(model, op, read):
        joined.join_side_by_side(read, op.outputs[0])
    elif _carries(model, op, read):
        for tensor in read:
            joined.join(tensor, op.outputs[0])
    else:
        for tensor in (*read, *op.outputs):
            joined.fix(tensor)


def _carries(model: Editor, op: Op, read: list[int]) -> bool:
    """Whether each output channel is made of the same channel of every input, and of 0."""
    if op.op not in _CARRYING and op.op != "RESHAPE":
        return False
    channels = {_channels(model, tensor) for tensor in (*read, *op.outputs)}
    real = [t for t in op.inputs if t != ABSENT and model.dtype(t) == np.float32]
    if channels == {0} or len(channels) > 1 or len(real) != len(read):
        return False
    if op.op == "MEAN":
        axes = model.constant(op.inputs[1])
        last = len(model.shape(read[0])) - 1
        return axes is not None and not {last, -1} & set(axes.ravel().tolist())
    return True


def _concatenates(model: Editor, op: Op, read: list[int]) -> bool:
    """Whether the output has the channels of all inputs, one input's after another's."""
    if op.op != "CONCATENATION" or len(read) < len(op.inputs):
        return False
    return int(op.options.axis) in (-1, len(model.shape(op.outputs[0])) - 1)


class _Joined:
    """Tensors that are tied together step by step, channel by channel, some of them fixed."""

    def __init__(self, model: Editor) -> None:
        self._above: dict[int, int] = {}
        self._fixed: set[int] = set()
        self._nodes: dict[int, Channels] = {}
        self._same: list[tuple[Channels, Channels]] = []
        self._count = 0
        for tensor in _values(model):
            channels = _channels(model, tensor)
            self._nodes[tensor] = np.arange(self._count, self._count + channels)
            self._count += channels

    def join(self, a: int, b: int) -> None:
        """Two tensors with the same channels."""
        self._tie(a, b)
        self._same.append((self._nodes[a], self._nodes[b]))

    def join_side_by_side(self, parts: Sequence[int], whole: int) -> None:
        """A tensor whose channels are those of its parts."""
        ends = np.cumsum([len(self._nodes[part]) for part in parts])
        for part, own in zip(parts, np.split(self._nodes[whole], ends[:-1]), strict=True):
            self._tie(part, whole)
            self._same.append((self._nodes[part], own))

    def fix(self, tensor: int) -> None:
        """A tensor that must not be scaled, nor what is tied to it."""
        self._fixed.add(tensor)

    def free_channels(self) -> Iterator[dict[int, Channels]]:
        """Of each set of tied tensors, which of the set's channels each tensor's are."""
        sets: dict[int, list[int]] = {}
        for tensor in self._nodes:
            sets.setdefault(self._root(tensor), []).append(tensor)
        labels = self._labels()
        for tensors in sets.values():
            nodes = [labels[self._nodes[tensor]] for tensor in tensors]
            if self._fixed.isdisjoint(tensors) and all(map(len, nodes)):
                _, places = np.unique(np.concatenate(nodes), return_inverse=True)
                ends = np.cumsum([len(own) for own in nodes])
                yield dict(zip(tensors, np.split(places, ends[:-1]), strict=True))

    def _labels(self) -> Channels:
        """One number for all channels that are the same, wherever they are."""
        labels = np.arange(self._count)
        while True:
            before = labels.copy()
            for a, b in self._same:
                labels[a] = labels[b] = np.minimum(labels[a], labels[b])
            if (labels == before).all():
                return labels

    def _root(self, tensor: int) -> int:
        while (above := self._above.get(tensor, tensor)) != tensor:
            tensor = above
        return tensor

    def _tie(self, a: int, b: int) -> None:
        a, b = self._root(a), self._root(b)
        if a != b:
            self._above[a] = b
