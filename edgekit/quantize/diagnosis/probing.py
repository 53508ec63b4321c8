"""What each layer alone does to the model's output: one is quantized, all others are float.

The float model runs once. For each value, its rounding (or its layer's with int8 weights) is put in
its place, and only the ops after it run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from edgekit.frontends.float_model import Floats
from edgekit.quantize.diagnosis.values import INPUT, Pair, Value
from edgekit.quantize.layers import weighted_layers
from edgekit.quantize.observing import observe
from edgekit.quantize.running import Runner, in_parallel
from edgekit.tflite.editing import ABSENT, Editor

_MOST_BYTES = 256 << 20  # of activations that are kept at a time

Kept = dict[str, Floats]
"""The float activations of one image, by name."""
_Run = Callable[[Kept], Floats]


@dataclass(slots=True)
class Probe:
    """Powers that one value's error adds up to, over images: `add` joins those of more."""

    output: float = 0.0
    """Of the model's output itself."""
    by_weights: float = 0.0
    """Of the output's change when only the layer's weights are int8."""
    by_activation: float = 0.0
    """Of its change when only the value itself is rounded."""
    signal: float = 0.0
    """Of the value."""
    weights: float = 0.0
    """Of the value's change by int8 weights."""
    rounding: float = 0.0
    """Of the value's change by its own rounding; `clipping`: the part beyond the range."""
    clipping: float = 0.0
    shift: Floats | float = 0.0
    """Sum of the change by int8 weights per channel, over `places` places."""
    places: int = 0

    @property
    def weights_shift(self) -> float:
        """Of `weights`, the power of what is the same everywhere in a channel, on all images."""
        return float(np.square(self.shift).sum() / self.places) if self.places else 0.0

    def add(self, other: Probe) -> None:
        """Adds another's powers, of other images."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_Task = Callable[[], tuple[Value, Probe]]


def probe(pair: Pair, images: Sequence[Floats], step: Callable[[], None]) -> dict[str, Probe]:
    """A `Probe` per value, by tensor name, over images [h, w, c]; `step` is called after each.

    Memory is bounded: activations of as many images are kept as fit into 256 MiB, at least one.
    """
    found = {value.tensor: Probe() for value in pair.values}
    names = tuple(_kept_names(pair))
    for chunk in _chunks(pair, names, images):
        kept = list(observe(pair.floats.bytes(), chunk, names, name=pair.name))
        for value, result in in_parallel(_call, _tasks(pair, kept)):
            found[value.tensor].add(result)
            for _ in chunk:
                step()
    return found


def _tasks(pair: Pair, images: Sequence[Kept]) -> Iterator[_Task]:
    """One task per value, each with interpreters of its own."""
    for value in pair.values:
        rest, layer = _rest(pair, value), _layer(pair, value)
        yield partial(_probe, pair.end, value, rest, layer, images)


def _call(task: _Task) -> tuple[Value, Probe]:
    return task()


def _kept_names(pair: Pair) -> Iterator[str]:
    """All that some rest of the model reads."""
    editor = pair.floats
    read = {tensor for op in editor.ops() for tensor in op.inputs}
    made = {tensor for op in editor.ops() for tensor in op.outputs} | set(editor.inputs)
    needed = {editor.tensor_name(tensor) for tensor in made & read}
    yield from sorted(needed | {pair.end} | {value.tensor for value in pair.values})


def _chunks(
    pair: Pair, names: Sequence[str], images: Sequence[Floats]
) -> Iterator[Sequence[Floats]]:
    shapes = [pair.floats.shape(pair.floats.find(name)) for name in names]
    bytes_each = 4 * sum(int(np.prod(shape)) for shape in shapes)
    count = max(1, min(len(images), _MOST_BYTES // bytes_each))
    for start in range(0, len(images), count):
        yield images[start : start + count]


def _probe(
    end: str, value: Value, rest: _Run, layer: _Run | None, images: Sequence[Kept]
) -> tuple[Value, Probe]:
    total = Probe()
    for kept in images:
        total.add(_one(end, value, kept, rest, layer))
    return value, total


def _one(end: str, value: Value, kept: Kept, rest: _Run, layer: _Run | None) -> Probe:
    real, output = kept[value.tensor], kept[end]
    error = value.rounded(real) - real
    found = Probe(
        output=_power(output),
        by_activation=_power(rest({**kept, value.tensor: real + error}) - output),
        signal=_power(real),
        rounding=_power(error),
        clipping=_power(real - np.clip(real, *value.range)),
    )
    if layer is not None:
        changed = layer(kept)
        change = (changed - real).reshape(-1, real.shape[-1])
        found.by_weights = _power(rest({**kept, value.tensor: changed}) - output)
        found.weights = _power(change)
        found.shift, found.places = change.sum(axis=0, dtype=np.float64), len(change)
    return found


def _rest(pair: Pair, value: Value) -> _Run:
    """Everything after a value, up to the end."""
    if value.tensor == pair.end or value.op_index > _maker(pair, pair.end):
        return lambda kept: kept[pair.end]
    return _part(pair, value.op_index + 1, pair.end)


def _layer(pair: Pair, value: Value) -> _Run | None:
    """The layer that gives a value, with the int8 model's weights; None where it has none."""
    if value.weights is None:
        return None
    return _part(pair, value.op_index, value.tensor, value)


def _maker(pair: Pair, name: str) -> int:
    """The index of the op that gives a tensor."""
    tensor = pair.floats.find(name)
    return next((op.index for op in pair.floats.ops() if tensor in op.outputs), INPUT)


def _part(pair: Pair, start: int, output: str, layer: Value | None = None) -> _Run:
    """The ops from `start` to that which gives `output`; of `layer` alone with its weights."""
    part = pair.floats.part(start, _maker(pair, output) + 1, [pair.floats.find(output)])
    if layer is not None:
        _set_parameters(part, layer)
    names = [part.tensor_name(tensor) for tensor in part.inputs]
    runner = Runner(part.bytes(), threads=1)
    return lambda kept: runner([kept[name] for name in names])[0]


def _set_parameters(part: Editor, value: Value) -> None:
    """Gives the only layer of a part the int8 model's weights and bias."""
    (layer,) = weighted_layers(part)
    assert value.weights is not None
    part.set_constant(layer.weights, value.weights.reshape(part.shape(layer.weights)))
    if value.bias is None:
        return
    bias = layer.bias
    if bias == ABSENT:
        (op,) = part.ops()
        bias = part.add_tensor("bias", value.bias.shape, np.float32)
        part.set_op(0, inputs=(*op.inputs[:2], bias), outputs=None)
    part.set_constant(bias, value.bias)


def _power(values: Floats) -> float:
    flat = values.reshape(-1)
    return float(np.dot(flat, flat))
