"""What each ReLU6 of the float model does to the calibration images.

A layer that clips much has outgrown its clamp; one that never reaches 6 needs it not; a channel
that never rises above 0 is dead weight; and one channel far wider than the rest takes int8's 256
levels away from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from edgekit.artifacts import Relu6Stats
from edgekit.quantize.scopes import own_name, unnumbered
from edgekit.quantize.spread import Range, Spread

HISTOGRAM_RANGE = (-12.0, 18.0)
HISTOGRAM_BINS = 60  # half a unit each, so that 0 and 6 are edges

CLIP = 6.0
MUCH_CLIPPED = 0.05
MANY_DEAD = 0.25
WIDE_RATIO = 6.0  # harmless up to here, −4 points at 10, a collapse at 17


@dataclass(frozen=True, slots=True)
class ClipTally:
    """What goes into one ReLU6: of so many `values` how many are `above` 6, and how they spread."""

    layer: str
    values: int
    above: int
    given: Spread

    def stats(self) -> Relu6Stats:
        """The figures as they go into `quantize.json`; the histogram is that of the sample."""
        given = self.given
        sample = np.clip(given.sample, *HISTOGRAM_RANGE)
        histogram, _ = np.histogram(sample, HISTOGRAM_BINS, HISTOGRAM_RANGE)
        stats = Relu6Stats(
            layer=self.layer,
            clipped_fraction=self.above / self.values,
            channels=int(given.high.size),
            dead_channels=int((given.high <= 0).sum()),
            never_six_channels=int((given.high < CLIP).sum()),
            max=float(given.high.max()),
            range_ratio=self._range_ratio(),
            verdict="",
            histogram=tuple(histogram.tolist()),
            histogram_range=HISTOGRAM_RANGE,
        )
        return msgspec.structs.replace(stats, verdict=verdict(stats))

    def _range_ratio(self) -> float:
        """The widest channel over the median one, after the clip, dead channels left out."""
        after = self.given.clipped(0.0, CLIP)
        ranges = after.high - after.low
        alive = ranges[ranges > 0]
        return float(alive.max() / np.median(alive)) if alive.size else 1.0


def ranges(clips: Sequence[ClipTally]) -> dict[str, Range]:
    """What goes into each ReLU6, by layer: from the least to the greatest value."""
    return {clip.layer: clip.given.range for clip in clips}


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

    The converter joins the names of all that it fused.
    """
    return own_name(node) or unnumbered(node.split(";")[0].split("/")[-2])
