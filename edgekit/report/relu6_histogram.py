"""The geometry of a ReLU6's histogram, before its clip; the template only draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.artifacts import Relu6Stats


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin of a histogram; `clipped` when it lies above 6."""

    x: float
    width: float
    height: float
    clipped: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """The values of one ReLU6 before the clip; heights and places from 0 to 1."""

    stats: Relu6Stats
    bars: tuple[Bar, ...]
    clip_x: float | None
    zero_x: float


def histogram(stats: Relu6Stats) -> Histogram | None:
    """A ReLU6's histogram; None when none was taken.

    Heights are square roots of the counts: the few values above 6 are what one looks for.
    """
    low, high = stats.histogram_range
    if not any(stats.histogram) or high <= low:
        return None
    width = (high - low) / len(stats.histogram)
    edges = [low + width * number for number in range(len(stats.histogram) + 1)]
    first, last = _shown_bins(stats.histogram, edges)
    counts = stats.histogram[first:last]
    shown = last - first
    bars = tuple(
        Bar(number / shown, 1 / shown, (count / max(counts)) ** 0.5, edges[first + number] >= 6)
        for number, count in enumerate(counts)
    )
    span = edges[last] - edges[first]
    at_six = (6 - edges[first]) / span
    return Histogram(stats, bars, at_six if 0 < at_six <= 1 else None, -edges[first] / span)


def _shown_bins(counts: Sequence[int], edges: Sequence[float]) -> tuple[int, int]:
    """The bins with values in them, and those of 0 to 6; one more on either side."""
    wanted = [
        number
        for number, count in enumerate(counts)
        if count or (edges[number] >= 0 and edges[number + 1] <= 6)
    ]
    return max(0, wanted[0] - 1), min(len(counts), wanted[-1] + 2)
