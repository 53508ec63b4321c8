"""The geometry of the report's pictures; the templates only draw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.artifacts import Benchmark, CompiledModel, PlannedTensor, Relu6Stats, Validation

HUES = 8
"""How many colours the memory map has; neighbours in the schedule never share one."""


@dataclass(frozen=True, slots=True)
class LayerBar:
    """One step's share of the time. `percent_of_largest` is the bar's length."""

    index: int
    op: str
    name: str
    shape: str
    macs: int
    cycles: int
    share: float
    percent_of_largest: float


@dataclass(frozen=True, slots=True)
class OpShare:
    """All steps of one op together; `start` and `share` are fractions of the whole."""

    op: str
    steps: int
    cycles: int
    start: float
    share: float


@dataclass(frozen=True, slots=True)
class Box:
    """One tensor's rectangle, in the picture's units."""

    x: float
    y: float
    width: float
    height: float
    hue: int
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class MemoryMap:
    """The arena over the schedule: step to the right, offset upwards."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    step_ticks: tuple[tuple[float, int], ...]
    byte_ticks: tuple[tuple[float, int], ...]
    bound_y: float
    peak: int
    """The first step in which most bytes are in use."""
    peak_x: float


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


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Images of one class that were taken for another."""

    label: str
    prediction: str
    images: int


def layer_bars(benchmark: Benchmark, compiled: CompiledModel | None) -> tuple[LayerBar, ...]:
    """The profile's steps in order; empty when no step was counted."""
    counts = [layer.cycles or layer.instructions or 0 for layer in benchmark.layers]
    total, largest = sum(counts), max(counts, default=0)
    if not total:
        return ()
    shapes = {step.index: step.output_shape for step in compiled.steps} if compiled else {}
    return tuple(
        LayerBar(
            index=layer.index,
            op=layer.op,
            name=layer.name,
            shape="×".join(str(extent) for extent in shapes.get(layer.index, ())),
            macs=layer.macs,
            cycles=count,
            share=count / total,
            percent_of_largest=100 * count / largest,
        )
        for layer, count in zip(benchmark.layers, counts, strict=True)
    )


def op_shares(bars: Sequence[LayerBar]) -> tuple[OpShare, ...]:
    """The time by kind of op, the costliest first."""
    ops = {bar.op for bar in bars}
    groups = [(op, [bar for bar in bars if bar.op == op]) for op in ops]
    groups.sort(key=lambda group: (-sum(bar.cycles for bar in group[1]), group[0]))
    shares, start = [], 0.0
    for op, members in groups:
        share = sum(bar.share for bar in members)
        cycles = sum(bar.cycles for bar in members)
        shares.append(OpShare(op, len(members), cycles, start, share))
        start += share
    return tuple(shares)


def memory_map(compiled: CompiledModel, width: float = 940, height: float = 300) -> MemoryMap:
    """Each planned tensor as a rectangle: lifetime by extent in the arena."""
    steps = max((tensor.last_step for tensor in compiled.plan), default=0) + 1
    column, scale = width / steps, height / max(1, compiled.arena_bytes)
    every = max(1, -(-steps // 20))
    hues = {key: n % HUES for n, key in enumerate(dict.fromkeys(map(_piece, compiled.plan)))}
    peak = _peak(compiled.plan, steps)
    return MemoryMap(
        width=width,
        height=height,
        boxes=tuple(
            _box(tensor, hues[_piece(tensor)], column, scale, height) for tensor in compiled.plan
        ),
        step_ticks=tuple(((step + 0.5) * column, step) for step in range(0, steps, every)),
        byte_ticks=tuple(
            (height - count * scale, count) for count in _byte_ticks(compiled.arena_bytes)
        ),
        bound_y=height - compiled.arena_lower_bound_bytes * scale,
        peak=peak,
        peak_x=(peak + 0.5) * column,
    )


def _piece(tensor: PlannedTensor) -> tuple[str, int]:
    """What all sizes of one piece of memory have in common."""
    return tensor.name, tensor.offset


def _peak(plan: Sequence[PlannedTensor], steps: int) -> int:
    used = [0] * steps
    for tensor in plan:
        for step in range(tensor.first_step, tensor.last_step + 1):
            used[step] += tensor.bytes
    return used.index(max(used))


def _box(tensor: PlannedTensor, hue: int, column: float, scale: float, height: float) -> Box:
    steps = tensor.last_step - tensor.first_step + 1
    label = _label(tensor.name)
    box_width, box_height = steps * column, tensor.bytes * scale
    return Box(
        x=tensor.first_step * column,
        y=height - (tensor.offset + tensor.bytes) * scale,
        width=box_width,
        height=box_height,
        hue=hue,
        label=label if len(label) * 6.2 < box_width - 8 and box_height > 14 else "",
        title=f"{tensor.name}: {tensor.bytes:,} B at {tensor.offset:,}, "
        f"steps {tensor.first_step} to {tensor.last_step}",
    )


def _label(name: str) -> str:
    """The layer in TensorFlow's names: ``conv1`` of ``net/conv1/Relu6;net/conv1_bn/…``."""
    network, *layers = name.partition(";")[0].split("/")
    parts = [part for part in layers if part != "batchnorm"]
    return (parts or [network])[-2:][0]


def _byte_ticks(arena_bytes: int) -> list[int]:
    """About four round marks: powers of two of bytes."""
    spacing = 1
    while spacing * 5 < arena_bytes:
        spacing *= 2
    return list(range(0, arena_bytes + 1, spacing))


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


def most_confused(validation: Validation, limit: int = 12) -> tuple[ConfusedPair, ...]:
    """The largest cells off the diagonal."""
    names = validation.classes
    return tuple(
        ConfusedPair(names[pair.label], names[pair.prediction], pair.images)
        for pair in validation.confused[:limit]
    )


_LEAST_OF_A_CLASS = 5


@dataclass(frozen=True, slots=True)
class ClassLoss:
    """A class that int8 gets wrong more often than float, by images and in both rates."""

    name: str
    images: int
    lost: int
    float_top1: float
    int8_top1: float


def worst_classes(validation: Validation, limit: int = 12) -> tuple[ClassLoss, ...]:
    """The classes that lose most images, those with the largest loss first; one with fewer than
    five images says nothing."""
    losses = [
        ClassLoss(
            validation.classes[found.label],
            found.images,
            round(found.images * (found.float_top1 - found.int8_top1)),
            found.float_top1,
            found.int8_top1,
        )
        for found in validation.per_class
        if found.images >= _LEAST_OF_A_CLASS
    ]
    losses.sort(key=lambda loss: -loss.lost)
    return tuple(loss for loss in losses[:limit] if loss.lost > 0)
