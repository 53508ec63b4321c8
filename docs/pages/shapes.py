"""Awkward shapes beside smooth ones, and beside CMSIS-NN: from benchmarks/shapes.json and
cmsis_nn.json."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import cmsis_nn_results
import results
import shapes_results

_HEAD = """# Awkward shapes

What a multiply-accumulate costs in single layers on 16 × 16 images, **emulated**: instructions of
QEMU's cores, cycles of one core of the emulated Pico; for ops without any, what an output costs. In
brackets, how many times as much as in its neighbour, the same layer with the next rounder number.
Weights are drawn.
"""

_LINES = """
Where the compiler has no kernel of the best kind for a layer, `codegen`, `build`, `deploy` and the
report say so in a line each: which layer, why, and about what it costs. What computes by portable C
because edgekit has nothing faster for the core shares one line. `codegen --explain` lists the
kernel of every step.
"""

_BESIDE_CMSIS_NN = """## Beside CMSIS-NN

How many times fewer instructions than CMSIS-NN a layer takes; below 1, it takes more. Both run on
the same **emulated** board and are counted by its counter. Of CMSIS-NN that is the call that
TensorFlow Lite Micro makes, without TFLM's own work for each op or at its start; of edgekit it is
the whole step. Every byte of CMSIS-NN's was compared with TFLM's reference kernels. The goal is 2,
on Cortex-M55 1.4; what misses it is **bold**. For Cortex-M0+, edgekit's are the Pico's kernels on
one core; a Cortex-M3 executes the code of both. Cortex-M4, M7 and M33 run the same kernels and
functions, compiled for each. The last rows are whole models: see
[benchmarks.md](benchmarks.md).

CMSIS-NN has the compiler and the level of optimisation that TFLM's makefile gives it, on Cortex-M55
the faster `-O3`; edgekit has what suits it best on each core. Where that is zig cc, another column
has CMSIS-NN by it too.
`python benchmarks/cmsis_nn.py SOURCE` measures again with any checkout of CMSIS-NN.
"""


def text() -> str:
    """The page."""
    found = shapes_results.load()
    head = "| layer | beside | " + " | ".join(_title(sweep) for sweep in found) + " |"
    times = [shapes_results.times(sweep) for sweep in found]
    rows = []
    for number, cost in enumerate(found[0].costs):
        beside = cost.neighbour or "–"
        each = zip(found, times, strict=True)
        cells = [_cell(sweep.costs[number], by.get(cost.shape)) for sweep, by in each]
        rows.append(f"| {cost.shape} | {beside} | {' | '.join(cells)} |")
    table = [head, "|---" * (2 + len(found)) + "|", *rows]
    compilers = [f"- {_title(sweep)}: {sweep.compiler}" for sweep in found]
    parts = [_HEAD, *_wrapped(_cliffs(found)), _LINES, *table, "", *compilers, ""]
    return "\n".join([*parts, *_beside_cmsis_nn()])


def _cliffs(found: tuple[shapes_results.Sweep, ...]) -> str:
    """What a cliff is, and those that are left."""
    left = [
        f"*{shape}* on {results.core_name(sweep.core)}, {shapes_results.times(sweep)[shape]:.2f}"
        for sweep in found
        for shape in shapes_results.cliffs(sweep)
    ]
    return (
        f"Anything above {shapes_results.CLIFF:g} is a cliff: `python benchmarks/shapes.py`"
        f" measures again, and exits with 1 where there is one. Left: {'; '.join(left) or 'none'}."
    )


def _title(sweep: shapes_results.Sweep) -> str:
    name = results.core_name(sweep.core)
    return f"{name}, cycles" if sweep.unit == "cycles" else name


def _cell(cost: shapes_results.Cost, times: float | None) -> str:
    each = f"{cost.count / cost.macs:.2f}"
    return f"{each} ({times:.2f})" if times else each


def _beside_cmsis_nn() -> list[str]:
    """The second table, and what it was made with."""
    found = list(cmsis_nn_results.load().values())
    head = "| layer | " + " | ".join(map(_build, found)) + " |"
    rows = [
        f"| {found[0].rows[number].name} | {' | '.join(_times(one, number) for one in found)} |"
        for number in range(len(found[0].rows))
    ]
    summary = [line for one in found for line in _wrapped(f"- {_build(one)}: {_reached(one)}")]
    made = [line for one in found for line in _wrapped(f"- {_build(one)}: {_compilers(one)}")]
    table = [head, "|---" * (1 + len(found)) + "|", *rows]
    versions = dict.fromkeys((one.version, one.sources_sha256) for one in found)
    sources = [
        line
        for version, sha256 in versions
        for line in _wrapped(f"- CMSIS-NN {version}; headers and sources, SHA-256: `{sha256}`")
    ]
    return [
        _BESIDE_CMSIS_NN,
        *summary,
        "",
        *_other_compilers(found),
        "",
        *table,
        "",
        *sources,
        *made,
    ]


def _build(found: cmsis_nn_results.Comparison) -> str:
    name, (_, compiler) = results.core_name(found.core), found.key
    return f"{name} (zig cc)" if compiler == "zig" else name


def _times(found: cmsis_nn_results.Comparison, number: int) -> str:
    row = found.rows[number]
    return f"**{row.times:.2f}**" if row in found.short_of_goal else f"{row.times:.2f}"


def _reached(found: cmsis_nn_results.Comparison) -> str:
    """How many rows reach the goal, and the worst of those that do not."""
    short, rows = found.short_of_goal, found.rows
    reached = f"{len(rows) - len(short)} of {len(rows)} reach {found.goal:g}"
    behind = [row for row in short if row.times < 1]
    if behind:
        return f"{reached}; CMSIS-NN is ahead in {_listed(behind)}."
    return f"{reached}; the least {_listed(short[:1])}." if short else f"{reached}."


def _listed(rows: list[cmsis_nn_results.Count]) -> str:
    return "; ".join(f"*{row.name}*, {row.times:.2f}" for row in rows)


def _other_compilers(found: list[cmsis_nn_results.Comparison]) -> list[str]:
    """What another compiler makes of CMSIS-NN, on cores that were measured with two."""
    by = {one.key: one for one in found}
    return [
        line
        for (core, compiler), one in by.items()
        if compiler == "zig" and (core, "gcc") in by
        for line in _wrapped(f"- On {results.core_name(core)}, {_changed(by[core, 'gcc'], one)}")
    ]


def _changed(gcc: cmsis_nn_results.Comparison, zig: cmsis_nn_results.Comparison) -> str:
    pairs = zip(gcc.layers, zig.layers, strict=True)
    found = {before.name: after.cmsis_nn / before.cmsis_nn for before, after in pairs}
    dense = [ratio for name, ratio in found.items() if name.startswith("dense")]
    others = [ratio for name, ratio in found.items() if not name.startswith("dense")]
    return (
        f"CMSIS-NN's dense layers take {_change(dense)} the instructions when {zig.compiler}"
        f" compiles them, as it does edgekit's, in place of {gcc.compiler}; other layers"
        f" {_change(others)}."
    )


def _change(ratios: list[float]) -> str:
    return f"{min(ratios):.2f} to {max(ratios):.2f} times"


def _compilers(found: cmsis_nn_results.Comparison) -> str:
    return (
        f"CMSIS-NN by {found.compiler}, `{' '.join(found.flags)}`;"
        f" edgekit by {found.edgekit_compiler}, `{' '.join(found.edgekit_flags)}`"
    )


def _wrapped(paragraph: str) -> list[str]:
    indent = "  " if paragraph.startswith("- ") else ""
    return textwrap.wrap(paragraph, 100, subsequent_indent=indent, break_on_hyphens=False)
