"""What each ReLU6 of the float model does to the calibration images.

A layer that clips much has outgrown its clamp; one that never reaches 6 needs it not; a channel
that never rises above 0 is dead weight; and one channel far wider than the rest takes int8's 256
levels away from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Relu6Stats

HISTOGRAM_RANGE = (-12.0, 18.0)
HISTOGRAM_BINS = 60  # half a unit each, so that 0 and 6 are edges

MUCH_CLIPPED = 0.05
MANY_DEAD = 0.25
WIDE_RATIO = 6.0  # harmless up to here, −4 points at 10, a collapse at 17

Array = npt.NDArray[np.float64]


@dataclass(slots=True)
class Tally:
    """The running figures of one ReLU6, over values *before* the clip."""

    layer: str
    values: int = 0
    clipped: int = 0
    low: Array = field(default_factory=lambda: np.array(np.inf))
    high: Array = field(default_factory=lambda: np.array(-np.inf))
    histogram: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(HISTOGRAM_BINS, np.int64)
    )

    def add(self, values: int, clipped: int, low: Array, high: Array, counts: Array) -> None:
        """Takes in a batch: how many values, how many above 6, extremes per channel, counts."""
        self.values += values
        self.clipped += clipped
        self.low = np.minimum(self.low, low)
        self.high = np.maximum(self.high, high)
        self.histogram += counts.astype(np.int64)

    def stats(self) -> Relu6Stats:
        """The figures as they go into `quantize.json`."""
        stats = Relu6Stats(
            layer=self.layer,
            clipped_fraction=self.clipped / self.values,
            channels=int(self.high.size),
            dead_channels=int((self.high <= 0).sum()),
            never_six_channels=int((self.high < 6).sum()),
            max=float(self.high.max()),
            range_ratio=self._range_ratio(),
            verdict="",
            histogram=tuple(self.histogram.tolist()),
            histogram_range=HISTOGRAM_RANGE,
        )
        return msgspec.structs.replace(stats, verdict=verdict(stats))

    def _range_ratio(self) -> float:
        """The widest channel over the median one, after the clip, dead channels left out."""
        ranges = np.clip(self.high, 0, 6) - np.clip(self.low, 0, 6)
        alive = ranges[ranges > 0]
        return float(alive.max() / np.median(alive)) if alive.size else 1.0


def verdict(stats: Relu6Stats) -> str:
    """The figures in a few words; ``healthy`` when there is nothing to say."""
    if stats.dead_channels == stats.channels:
        return "dead: no channel ever rises above 0"
    words = []
    if stats.range_ratio > WIDE_RATIO:
        words.append(f"uneven: widest channel {stats.range_ratio:.0f}× the median")
    if stats.clipped_fraction > MUCH_CLIPPED:
        words.append(f"clips {stats.clipped_fraction:.0%} of its values")
    if stats.dead_channels > MANY_DEAD * stats.channels:
        words.append(f"{stats.dead_channels} of {stats.channels} channels dead")
    if stats.never_six_channels == stats.channels:
        words.append(f"never reaches 6 (largest {stats.max:.2f})")
    return "; ".join(words) or "healthy"


def warnings(stats: Sequence[Relu6Stats]) -> tuple[str, ...]:
    """What the user should read even without the table."""
    found = [
        f"ReLU6 {layer.layer}: {layer.verdict}"
        for layer in stats
        if layer.dead_channels == layer.channels or layer.clipped_fraction > 4 * MUCH_CLIPPED
    ]
    ratio = float(np.median([layer.range_ratio for layer in stats])) if stats else 1.0
    if ratio > WIDE_RATIO:
        found.append(
            f"in the median ReLU6 the widest channel has {ratio:.1f} times the median channel's "
            f"range; above {WIDE_RATIO:.0f} int8 costs accuracy, near 17 it collapses"
        )
    return tuple(found)


def layer_name(node: str) -> str:
    """The layer that a graph's node came from: ``net_1/conv1_relu_1/Relu6;…`` → ``conv1_relu``.

    Keras numbers its scopes and the converter joins the names of all that it fused.
    """
    scopes = node.split(";")[0].split("/")
    name = scopes[-2] if len(scopes) > 1 else scopes[0]
    stem, _, number = name.rpartition("_")
    return stem if number == "1" and stem else name
