"""Which tensors' channels can be rescaled together without changing what a float model computes.

Between two layers with weights lie tensors whose channels may be divided by any positive number:
the layers before divide their outputs' weights and biases, those behind multiply their inputs'
weights. ADD, pooling and padding carry one scale through: all tensors that they tie together share
it. Where anything else reads or makes one of them, none of them may be scaled.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.quantize.observing import WeightedLayer, weighted_layers
from edgekit.tflite.editing import ABSENT, Editor, Op

NONE, RELU, RELU6 = 0, 1, 3

_CARRYING = frozenset(
    {"ADD", "AVERAGE_POOL_2D", "LEAKY_RELU", "MAX_POOL_2D", "MEAN", "PAD", "RELU", "SUB"}
)
_SCALABLE = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"})


@dataclass(slots=True)
class Tie:
    """Tensors with one scale per channel, and the layers that make and read them."""

    tensors: list[int] = field(default_factory=list)
    makers: list[WeightedLayer] = field(default_factory=list)
    readers: list[WeightedLayer] = field(default_factory=list)
    clipped: bool = False
    """Whether a RELU6 makes one of them: it clips at 6 whatever the scale."""

    @property
    def free(self) -> bool:
        """Whether scales cost its readers' weights nothing: each reads one channel at a time."""
        return all(layer.op == "DEPTHWISE_CONV_2D" for layer in self.readers)


def ties(model: Editor) -> tuple[Tie, ...]:
    """All that may be scaled in a float model, in the order of their first tensors."""
    layers = _layers(model)
    joined = _Joined()
    for tensor in (*model.inputs, *model.outputs):
        joined.fix(tensor)
    for op in model.ops():
        _join(model, op, op.outputs[0] in layers, joined)
    found: dict[int, Tie] = {}
    for tensor in _values(model):
        if not joined.fixed(tensor):
            tie = found.setdefault(joined.root(tensor), Tie())
            tie.tensors.append(tensor)
            tie.readers += [layer for layer in layers.values() if layer.input == tensor]
            if tensor in layers:
                tie.makers.append(layers[tensor])
    for op in model.ops():
        tie_of = found.get(joined.root(op.outputs[0]))
        if tie_of is not None and _activation(op) == RELU6:
            tie_of.clipped = True
    return tuple(tie for tie in found.values() if tie.makers and tie.readers)


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
        along = [1] * len(model.shape(layer.weights))
        along[layer.axis] = -1
        _multiply(model, layer.weights, 1 / scales.reshape(along))
        if layer.bias != ABSENT:
            _multiply(model, layer.bias, 1 / scales)
    for layer in tie.readers:
        weights = model.shape(layer.weights)
        _multiply(model, layer.weights, np.repeat(scales, weights[-1] // len(scales)))


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


class _Joined:
    """Sets of tensors that are merged step by step, some of them fixed."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}
        self._fixed: set[int] = set()

    def root(self, tensor: int) -> int:
        while (above := self._above.get(tensor, tensor)) != tensor:
            tensor = above
        return tensor

    def join(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        if a != b:
            self._above[a] = b
            if a in self._fixed:
                self._fixed.add(b)

    def fix(self, tensor: int) -> None:
        self._fixed.add(self.root(tensor))

    def fixed(self, tensor: int) -> bool:
        return self.root(tensor) in self._fixed
