"""The picture of memory against time."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import artifacts as made

from edgekit import artifacts
from edgekit.artifacts import Frontier, FrontierPoint
from edgekit.report import render
from edgekit.report.frontier import frontier_chart


def _point(ram_bytes: int, cycles: int) -> FrontierPoint:
    return FrontierPoint(
        ram_bytes=ram_bytes, arena_bytes=ram_bytes - 1400, flash_bytes=90_000, rolled_layers=2,
        kernel_calls=24, moved_bytes=77_088, cycles=cycles, instructions=None, latency_us=1e5,
    )  # fmt: skip


def _frontier(*points: FrontierPoint, sha256: str | None = None) -> Frontier:
    return Frontier(
        board="pico", source="emulator", compiler="zig",
        model_sha256=sha256 or made.quantized().output_sha256, points=points,
    )  # fmt: skip


def test_the_page_shows_it(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    found = _frontier(_point(56_780, 24_000_000), _point(38_492, 24_500_000))
    artifacts.save(found, tmp_path / "frontier.json")
    text = render(tmp_path).read_text()
    assert "Memory against time" in text
    assert "38 492 B, 24 500 000; 2 layers row by row" in text


def test_another_models_frontier_is_left_out(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    artifacts.save(_frontier(_point(1000, 10), sha256="0" * 64), tmp_path / "frontier.json")
    assert "Memory against time" not in render(tmp_path).read_text()


def test_less_memory_is_left_and_more_time_is_up() -> None:
    chart = frontier_chart(_frontier(_point(50_000, 100), _point(30_000, 130)))
    fast, small = chart.dots
    assert small.x == pytest.approx(fast.x * 0.6)
    assert chart.height - small.y == pytest.approx((chart.height - fast.y) * 1.3)
    assert 0 < small.y < fast.y < chart.height


@pytest.mark.parametrize("most", [7, 999, 1000, 12_345, 23_600_887, 10**9])
def test_ticks_are_round_and_few(most: int) -> None:
    chart = frontier_chart(_frontier(_point(2000, most)))
    values = [count for _, count in chart.time_ticks]
    assert 3 <= len(values) <= 8
    assert values[0] == 0
    assert values[-1] <= most
    assert all(str(value).rstrip("0") in {"", *map(str, range(1, 30))} for value in values)
