"""Memory against time as a picture: one dot per plan, joined from the largest to the smallest."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.artifacts import Frontier, FrontierPoint
from edgekit.units import format_grouped


@dataclass(frozen=True, slots=True)
class Dot:
    """A plan: RAM to the right, time upwards."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class FrontierChart:
    """The dots, and lines of round numbers behind them; both axes start at 0."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    ram_ticks: tuple[tuple[float, int], ...]
    time_ticks: tuple[tuple[float, int], ...]
    unit: str

    @property
    def line(self) -> str:
        """The dots as the points of an SVG polyline."""
        return " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in self.dots)


def frontier_chart(found: Frontier, width: float = 940, height: float = 260) -> FrontierChart:
    """The picture of what `bench --frontier` measured."""
    most_ram = max(point.ram_bytes for point in found.points)
    most_time = max(point.counted for point in found.points)
    right, up = width / (1.08 * most_ram), height / (1.15 * most_time)
    return FrontierChart(
        width=width,
        height=height,
        dots=tuple(
            Dot(point.ram_bytes * right, height - point.counted * up, _title(point))
            for point in found.points
        ),
        ram_ticks=tuple((size * right, size) for size in _round_steps(most_ram, 1024)),
        time_ticks=tuple((height - count * up, count) for count in _round_steps(most_time, 1)),
        unit="cycles" if found.points[0].cycles is not None else "instructions",
    )


def _title(point: FrontierPoint) -> str:
    return (
        f"{format_grouped(point.ram_bytes)} B, {format_grouped(point.counted)}; "
        f"{point.rolled_layers} layers row by row, {format_grouped(point.moved_bytes)} B moved"
    )


def _round_steps(most: int, unit: int) -> range:
    """About five steps of 1, 2 or 5 times a power of ten, in `unit`s."""
    step = unit
    while most / step > 6:
        leading = int(str(step // unit)[0])
        step = step * 5 // 2 if leading == 2 else step * 2
    return range(0, most + 1, step)
