"""Awkward shapes beside smooth ones: from benchmarks/shapes.json."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import results
import shapes

_HEAD = """# Awkward shapes

What a multiply-accumulate costs in single layers on 16 × 16 images, **emulated**: instructions of
QEMU's cores, cycles of one core of the emulated Pico; for ops without any, what an output costs. In
brackets, how many times as much as in its neighbour, the same layer with the next rounder number.
Weights are drawn. Anything above 2 is a cliff: `python benchmarks/shapes.py` measures again, and
fails where there is one. Left are a few at 2.0 to 2.1, and weights of −128 on Cortex-M0+.

Where the compiler has no kernel of the best kind for a layer, `codegen`, `build`, `deploy` and the
report say so in a line each: which layer, why, and about what it costs. `codegen --explain` lists
the kernel of every step.
"""


def text() -> str:
    """The page."""
    found = shapes.load()
    head = "| layer | beside | " + " | ".join(_title(sweep) for sweep in found) + " |"
    times = [shapes.times(sweep) for sweep in found]
    rows = []
    for number, cost in enumerate(found[0].costs):
        beside = cost.neighbour or "–"
        each = zip(found, times, strict=True)
        cells = [_cell(sweep.costs[number], by.get(cost.shape)) for sweep, by in each]
        rows.append(f"| {cost.shape} | {beside} | {' | '.join(cells)} |")
    table = [head, "|---" * (2 + len(found)) + "|", *rows]
    compilers = [f"- {_title(sweep)}: {sweep.compiler}" for sweep in found]
    return "\n".join([_HEAD, *table, "", *compilers])


def _title(sweep: shapes.Sweep) -> str:
    name = results.core_name(sweep.core)
    return f"{name}, cycles" if sweep.unit == "cycles" else name


def _cell(cost: shapes.Cost, times: float | None) -> str:
    each = f"{cost.count / cost.macs:.2f}"
    return f"{each} ({times:.2f})" if times else each
