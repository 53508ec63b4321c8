"""How the values of a float model spread over the calibration images, and ranges for int8.

Seen here and not by TensorFlow's calibrator, which takes several times as long and misjudges what
goes into an op that works in place: it looks at the inputs again after the op has run, when an
ADD's input already holds the sum. In a residual network that widens ranges by half and more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np

from edgekit.frontends.float_model import Floats
from edgekit.quantize.observing import observe
from edgekit.tflite.editing import Editor

Range = tuple[float, float]
"""The least and the greatest real value that is to be held; 0 lies within."""

SpreadsOf = Callable[[bytes], Mapping[str, "Spread"]]
"""Gives the spreads of a float `.tflite`."""

_SAMPLED_PER_IMAGE = 4_000  # values of each tensor
_BINS = 4_096
_SHRUNKEN = np.geomspace(1.0, 0.03, 40)
_LEVELS = 255


@dataclass(frozen=True, slots=True)
class Spread:
    """Of one tensor over all images: extremes per channel, and a sample of whole channels.

    `low` and `high` are [channels] float32 and miss nothing; `sample` is [places, channels],
    at places drawn at random.
    """

    low: Floats
    high: Floats
    sample: Floats

    @property
    def range(self) -> Range:
        """From the least to the greatest value seen, 0 included."""
        return min(float(self.low.min()), 0.0), max(float(self.high.max()), 0.0)

    def over(self, scales: Floats) -> Spread:
        """The spread of the tensor divided by positive scales [channels]."""
        return Spread(self.low / scales, self.high / scales, self.sample / scales)

    def fitted(self, power: float) -> Range:
        """The range within the one seen whose int8 error has the least mean |error|**power.

        Within a step errors are uniform: |error|**p is (step / 2)**p / (p + 1) on average. What is
        clipped errs by its distance to the end. Power 2 is the mean squared error; lower powers
        forgive few large errors and clip more, higher ones clip less.
        """
        low, high = self.range
        counts, edges = np.histogram(self.sample, _BINS, (low, high) if high > low else (0, 1))
        values = ((edges[1:] + edges[:-1]) / 2)[counts > 0]
        counts = counts[counts > 0]

        def error(low: float, high: float) -> float:
            beyond = np.maximum(np.maximum(values - high, low - values), 0)
            inside = ((high - low) / _LEVELS / 2) ** power / (power + 1)
            return float(np.dot(counts, np.where(beyond == 0, inside, beyond**power)))

        for _ in range(2):  # each end by turns
            low = min((low * share for share in _SHRUNKEN), key=lambda end: error(end, high))
            high = min((high * share for share in _SHRUNKEN), key=lambda end: error(low, end))
        return float(low), float(high)


def spreads(
    model: bytes,
    images: Iterable[Floats],
    seen: Callable[[], None] = lambda: None,
    *,
    name: str = "the model",
) -> dict[str, Spread]:
    """The spread of every float32 value of a float `.tflite`, by name; `seen` after each image.

    Images are [h, w, c] float32. Raises `ModelError` for bytes that are no .tflite.
    """
    names = _float_values(Editor(model, name))
    tallies: dict[str, _Tally] = {}
    places = np.random.default_rng(0)
    for values in observe(model, images, names, name=name):
        for tensor, found in values.items():
            tallies.setdefault(tensor, _Tally()).add(found, places)
        seen()
    return {tensor: tally.spread() for tensor, tally in tallies.items()}


def remembering(images: Iterable[Floats], seen: Callable[[int], None], *, name: str) -> SpreadsOf:
    """`spreads` of models over the same images; asked for a model twice, it looks once.

    `seen` gets the number of images seen so far, from 0. `images` can be gone through repeatedly.
    """
    last: tuple[bytes, dict[str, Spread]] = (b"", {})

    def spreads_of(model: bytes) -> dict[str, Spread]:
        nonlocal last
        if model != last[0]:
            seen(0)
            numbers = count(1)
            last = (model, spreads(model, images, lambda: seen(next(numbers)), name=name))
        return last[1]

    return spreads_of


def _float_values(model: Editor) -> list[str]:
    """The input and all that ops compute, where it is float32."""
    made = [*model.inputs, *(tensor for op in model.ops() for tensor in op.outputs)]
    return [model.tensor_name(tensor) for tensor in made if model.dtype(tensor) == np.float32]


def ranges(found: Mapping[str, Spread]) -> dict[str, Range]:
    """From the least to the greatest value, for each tensor."""
    return {tensor: spread.range for tensor, spread in found.items()}


class _Tally:
    """One tensor's running extremes and sample."""

    __slots__ = ("_high", "_low", "_rows")

    def __init__(self) -> None:
        self._low: Floats | float = np.inf
        self._high: Floats | float = -np.inf
        self._rows: list[Floats] = []

    def add(self, values: Floats, places: np.random.Generator) -> None:
        rows = values.reshape(-1, values.shape[-1] if values.ndim > 1 else 1)
        # NaN stays NaN, so that whoever looks at the range sees it.
        self._low = np.minimum(self._low, rows.min(axis=0))
        self._high = np.maximum(self._high, rows.max(axis=0))
        wanted = max(1, _SAMPLED_PER_IMAGE // rows.shape[1])
        if wanted < len(rows):
            rows = rows[places.integers(len(rows), size=wanted)]
        self._rows.append(rows.copy())

    def spread(self) -> Spread:
        low, high = np.asarray(self._low), np.asarray(self._high)
        return Spread(low, high, np.concatenate(self._rows))
