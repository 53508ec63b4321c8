"""For each activation the int8 range that costs the model's output least, found by trying.

The range with the least error in the tensor itself is not the best one. In a MobileNetV2 the last
residual blocks hold values up to 34, of which 3.5 are enough: what is beyond ends in a ReLU6 that
is shut or open anyway. In its first blocks the same clipping would ruin the result. So ranges that
clip more and more are tried, each by rounding this one tensor and running the rest in float, until
the output gets worse. Only tensors with rare large values are looked into, and of those only the
ones that by themselves make a notable part of the error that the int8 model makes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from edgekit.frontends.float_model import Floats
from edgekit.ir import Quantization
from edgekit.quantize.diagnosis.values import MOVING, Pair, Value
from edgekit.quantize.observing import observe
from edgekit.quantize.real_values import dequantized, quantized
from edgekit.quantize.running import Runner, in_parallel
from edgekit.quantize.spread import Range, Spread
from edgekit.tflite.scales import OWN_SCALE

_MOST_BYTES = 512 << 20  # of activations that are kept
_FEWEST_IMAGES = 4
_SCREENING = 2  # images on which the guilty are found
_NARROWER = 0.7
_MOST_STEPS = 12
_WORTH_A_SEARCH = 0.03
"""The share of the int8 model's error from which on a range is looked into."""
_FAR = 0.5
"""Of that share: what makes less on one image is not looked at on a second."""
_RARE = 0.01
"""The share of values in the outer half of a range up to which clipping may gain anything."""
_BETTER = 0.95
"""Of the error before: what one range more gains. Clipped values err all to one side, so that the
errors of many ranges that clip add up; for next to nothing it is not done."""

_ONE_SCALE = MOVING | {
    "AVERAGE_POOL_2D", "DEPTH_TO_SPACE", "MAXIMUM", "MINIMUM", "MIRROR_PAD", "PADV2",
    "RESIZE_BILINEAR", "SPACE_TO_DEPTH",
}  # fmt: skip

Kept = dict[str, Floats]
_Rest = Callable[[Kept], Floats]
_Rests = Sequence[tuple[str, _Rest]]


@dataclass(frozen=True, slots=True)
class Group:
    """Tensors of one int8 range, and those of them that are rounded to it anew."""

    tensors: tuple[str, ...]
    values: tuple[Value, ...]


def groups(pair: Pair) -> tuple[Group, ...]:
    """All ranges of a model that may be chosen: not those of its ends, nor laid down ones."""
    joined: dict[str, set[str]] = {}
    ends = (*pair.floats.inputs, *pair.floats.outputs)
    fixed = {pair.end, *(pair.floats.tensor_name(tensor) for tensor in ends)}
    for op in pair.floats.ops():
        names = {pair.floats.tensor_name(t) for t in (*op.inputs, *op.outputs) if t >= 0}
        if op.op in OWN_SCALE:
            fixed |= {pair.floats.tensor_name(t) for t in op.outputs}
        if op.op in _ONE_SCALE:
            merged = names.union(*(joined.get(name, set()) for name in names))
            joined.update(dict.fromkeys(merged, merged))
    found: dict[frozenset[str], list[Value]] = {}
    for value in pair.values:
        tensors = frozenset(joined.get(value.tensor, {value.tensor}))
        if not tensors & fixed:
            found.setdefault(tensors, []).append(value)
    return tuple(Group(tuple(sorted(names)), tuple(values)) for names, values in found.items())


class Search:
    """The float model's values for some images, and what int8 models of it make of them.

    `images` [h, w, c] measure, as many of them as fit into 512 MiB of activations.
    """

    def __init__(self, pair: Pair, images: Sequence[Floats]) -> None:
        self._pair, self._kept = pair, _kept(pair, images)
        self._images = images[: len(self._kept)]
        self._before = self._errors(pair.ints.bytes())

    def ranges(
        self, spreads: Mapping[str, Spread], step: Callable[[], None] = lambda: None
    ) -> dict[str, Range]:
        """A range for each tensor whose range may be chosen; `step` is called once per value."""
        trials = [_Trial(self._pair, group, spreads) for group in groups(self._pair)]
        promising = [trial for trial in trials if trial.has_rare_values]
        worth = [_WORTH_A_SEARCH * error for error in self._before[:_SCREENING]]
        tasks = (partial(one.improve, one.rests(), self._kept, worth) for one in promising)
        for _ in in_parallel(_call, tasks):
            step()
        return {name: trial.range for trial in trials for name in trial.group.tensors}

    def helps(self, int8: bytes) -> bool:
        """Whether another int8 model errs less at the end than the one that was given."""
        return sum(self._errors(int8)) < sum(self._before)

    def _errors(self, int8: bytes) -> list[float]:
        """For each image the power of an int8 model's error at its end."""
        end = self._pair.end
        found = observe(int8, self._images, [end], name=self._pair.name)
        changes = (one[end] - exact[end] for one, exact in zip(found, self._kept, strict=True))
        return [float(np.square(change).sum()) for change in changes]


def errors(pair: Pair, images: Sequence[Floats]) -> dict[str, float]:
    """The power of the output's error that the int8 model's rounding of each value causes alone.

    By tensor name; the model's ends and values of one range with others are left out.
    """
    kept = _kept(pair, images)
    alone = [group.values[0] for group in groups(pair) if len(group.tensors) == 1]
    stop = _stop(pair)
    found: dict[str, float] = {}

    def measure(value: Value, rest: _Rest) -> None:
        found[value.tensor] = _power(rest, kept, value.tensor, value.quantization, pair.end)

    tasks = (
        partial(measure, value, _rest(pair, value.op_index + 1, stop))
        for value in alone
        if value.op_index + 1 < stop
    )
    for _ in in_parallel(_call, tasks):
        pass
    return found


def _call(task: Callable[[], None]) -> None:
    task()


class _Trial:
    """The search for one group's range: the best so far, and the error it causes at the output."""

    def __init__(self, pair: Pair, group: Group, spreads: Mapping[str, Spread]) -> None:
        self.group = group
        values = [spreads[name] for name in group.tensors if name in spreads]
        self._spread = Spread(
            np.concatenate([spread.low for spread in values]),
            np.concatenate([spread.high for spread in values]),
            np.concatenate([spread.sample.reshape(-1, 1) for spread in values]),
        )
        self._pair = pair
        self.range, self.error = self._spread.range, 0.0

    @property
    def has_rare_values(self) -> bool:
        """Whether few values lie in the outer half of the range."""
        low, high = self._spread.range
        outer = np.abs(self._spread.sample) > max(-low, high) / 2
        return bool(np.count_nonzero(outer) <= _RARE * outer.size)

    def improve(self, rests: _Rests, images: Sequence[Kept], worth: Sequence[float]) -> None:
        """Clips as the squared error would have it, then more and more while that helps.

        Nothing is done where the range that clips nothing makes less error on the first images
        than is worth it, by image.
        """
        self.error = self._measure(self.range, rests, images[:1])
        if self.error < _FAR * worth[0]:
            return
        self.error += self._measure(self.range, rests, images[1 : len(worth)])
        if self.error < sum(worth):
            return
        self.error += self._measure(self.range, rests, images[len(worth) :])
        self._try(self._spread.fitted(2.0), rests, images)
        for _ in range(_MOST_STEPS):
            low, high = self.range
            if not self._try((_NARROWER * low, _NARROWER * high), rests, images):
                break

    def _try(self, tried: Range, rests: _Rests, images: Sequence[Kept]) -> bool:
        error = self._measure(tried, rests, images)
        if error > _BETTER * self.error:
            return False
        self.range, self.error = tried, error
        return True

    def _measure(self, tried: Range, rests: _Rests, images: Sequence[Kept]) -> float:
        """The power of the output's error when the values are rounded, one of them at a time."""
        quantization, end = quantization_of(tried), self._pair.end
        return sum(_power(rest, images, name, quantization, end) for name, rest in rests)

    def rests(self) -> _Rests:
        """Each value, and everything behind it up to the end; made anew, for it takes memory.

        Not for several threads at a time: LiteRT is kept quiet by diverting the process's output.
        """
        stop = _stop(self._pair)
        return [
            (value.tensor, _rest(self._pair, value.op_index + 1, stop))
            for value in self.group.values
            if value.op_index + 1 < stop
        ]


def _stop(pair: Pair) -> int:
    """The index behind the op that gives the end."""
    end = pair.floats.find(pair.end)
    return next(op.index for op in pair.floats.ops() if end in op.outputs) + 1


def _power(
    rest: _Rest, images: Sequence[Kept], name: str, quantization: Quantization, end: str
) -> float:
    """The power of the output's error when one value is rounded."""
    changed = (rest(_with(kept, name, quantization)) - kept[end] for kept in images)
    return sum(float(np.square(change).sum()) for change in changed)


def _rest(pair: Pair, start: int, stop: int) -> _Rest:
    part = pair.floats.part(start, stop, [pair.floats.find(pair.end)])
    names = [part.tensor_name(tensor) for tensor in part.inputs]
    runner = Runner(part.bytes(), threads=1)
    return lambda kept: runner([kept[name] for name in names])[0]


def quantization_of(limits: Range) -> Quantization:
    """The int8 quantization of a range [low, high] that holds 0, as TensorFlow's quantizer has it:
    256 levels, one of them 0 itself."""
    low, high = limits
    step = (high - low) / 255 or 1.0
    return Quantization((step,), (int(np.clip(round(-128 - low / step), -128, 127)),), 0)


def _with(kept: Kept, name: str, quantization: Quantization) -> Kept:
    """The same values, one of them rounded."""
    return {**kept, name: dequantized(quantized(kept[name], quantization, np.int8), quantization)}


def _kept(pair: Pair, images: Sequence[Floats]) -> list[Kept]:
    """What the float model computes for some images, all that any rest of it reads."""
    floats = pair.floats
    read = {tensor for op in floats.ops() for tensor in op.inputs}
    made = {tensor for op in floats.ops() for tensor in op.outputs} | set(floats.inputs)
    names = sorted({floats.tensor_name(t) for t in made & read} | {pair.end})
    bytes_each = 4 * sum(int(np.prod(floats.shape(floats.find(name)))) for name in names)
    count = max(_FEWEST_IMAGES, _MOST_BYTES // bytes_each)
    return list(observe(floats.bytes(), images[:count], names, name=pair.name))
