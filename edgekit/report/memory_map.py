"""The geometry of the memory map: the arena over the schedule; the template only draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.artifacts import CompiledModel, PlannedTensor
from edgekit.units import format_grouped

_HUES = 8
"""How many colours the map has; neighbours in the schedule never share one."""


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


def memory_map(compiled: CompiledModel, width: float = 940, height: float = 300) -> MemoryMap:
    """Each planned tensor as a rectangle: lifetime by extent in the arena."""
    steps = max((tensor.last_step for tensor in compiled.plan), default=0) + 1
    column, scale = width / steps, height / max(1, compiled.arena_bytes)
    every = max(1, -(-steps // 20))
    hues = {key: n % _HUES for n, key in enumerate(dict.fromkeys(map(_piece, compiled.plan)))}
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
        title=f"{tensor.name}: {format_grouped(tensor.bytes)} B"
        f" at {format_grouped(tensor.offset)}, steps {tensor.first_step} to {tensor.last_step}",
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
