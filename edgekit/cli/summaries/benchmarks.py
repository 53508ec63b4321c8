"""Latency, memory and where the time goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgekit.artifacts import Benchmark, ThreadTiming
from edgekit.cli.tables import pairs, table
from edgekit.units import format_bytes, format_count, format_duration, format_grouped

_LONGEST_BAR = 12
"""Characters; the table then fits into the 80 columns of most terminals."""
_SOURCES = {"emulator": "emulated", "hardware": "on hardware", "host": "on this machine"}


def benchmark(found: Benchmark, *, layers: bool = True) -> Iterator[RenderableType]:
    """Latency and memory, and the profile per step."""
    if layers and found.layers:
        yield _layer_table(found)
    yield pairs(f"Benchmark, {_SOURCES[found.source]}", _benchmark_rows(found))
    if found.threads:
        yield _thread_table(found.threads)
    for note in found.notes:
        yield Text(note, "dim")


def _benchmark_rows(found: Benchmark) -> dict[str, str]:
    clock = f", {found.core} at {format_count(found.clock_hz)}Hz"
    rows = {"board": found.board + ("" if found.source == "host" else clock)}
    if found.cores is not None:
        rows["cores"] = str(found.cores)
    latency = found.latency_us
    if latency is not None:
        low, middle, high = (
            format_duration(micros / 1e6) for micros in (latency.min, latency.median, latency.p95)
        )
        rows["latency"] = f"{middle} (min {low}, p95 {high}, {found.runs} runs)"
    for unit, count in (
        ("cycles", found.cycles_per_inference),
        ("instructions", found.instructions_per_inference),
    ):
        if count is not None:
            per_mac = f", {count / found.macs:.2f} per MAC" if found.macs else ""
            rows[unit] = format_grouped(count) + per_mac
    stack = found.ram_bytes.stack
    rows["RAM"] = (
        f"{format_bytes(found.ram_bytes.static)} static"
        + (f", of which the arena {format_bytes(found.arena_bytes)}" if found.arena_bytes else "")
        + ("" if stack is None else f"; stack {format_bytes(stack)} at most")
    )
    if found.flash_bytes is not None:
        rows["flash"] = format_bytes(found.flash_bytes)
    return rows


def _thread_table(found: Sequence[ThreadTiming]) -> Table:
    made = table("Per number of threads", "threads", "min", "median", "p95", right=4)
    for timing in found:
        latency = timing.latency_us
        shown = (format_duration(us / 1e6) for us in (latency.min, latency.median, latency.p95))
        made.add_row(str(timing.threads), *shown)
    return made


def _layer_table(found: Benchmark) -> Table:
    counts = [layer.cycles or layer.instructions or 0 for layer in found.layers]
    total = sum(counts) or 1
    unit = "cycles" if found.layers[0].cycles is not None else "instructions"
    made = table("Per layer", "#", "op", "", "MACs", unit, "per MAC", "share", right=4)
    for layer, count in zip(found.layers, counts, strict=True):
        made.add_row(
            str(layer.index),
            layer.op,
            Text("▉" * round(_LONGEST_BAR * count / (max(counts) or 1)), "blue"),
            format_grouped(layer.macs),
            format_grouped(count),
            f"{count / layer.macs:.2f}" if layer.macs else "–",
            f"{100 * count / total:.1f} %",
        )
    return made
