"""Every variant of the zoo beside its paper, and compiled: from benchmarks/zoo.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from edgekit import zoo
from edgekit.units import format_count, format_grouped

_RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "zoo.json"
_HEAD = """# The zoo

Every variant that `edgekit zoo list` shows, with what the paper says in parentheses: the network's
parameters and multiply-accumulates (MACs), its int8 `.tflite` file, and the memory of its tensors
as `edgekit codegen` plans them (arena), beside the least that any plan for these tensors takes
(lower bound) and the arena in which TensorFlow Lite Micro runs the same file on a 64-bit host; its
figure includes the interpreter's own records. *Moves* counts the operations of an inference that
only copy values, before the compiler's passes and after them
(ADR [15](adr/0015-channels-are-routed-by-weights.md) and
[32](adr/0032-two-images-below-each-other.md)). *Equal* says for how many of {inputs} random inputs
the generated C gave the oracle's bytes: those of TensorFlow Lite Micro, at {small} x {small}
pixels, 10 classes. No weights are trained; none of these figures depends on that.

`python benchmarks/zoo.py` measures it again. {versions}.
"""
_COLUMNS = (
    "variant", "input", "params", "MACs", "int8 file", "arena", "above lower bound", "TFLM's arena",
    "moves", "equal",
)  # fmt: skip


def text() -> str:
    """The page."""
    found = json.loads(_RESULTS.read_text(encoding="utf-8"))
    small = found["variants"][0]["small"]
    head = _HEAD.format(
        inputs=small["inputs"], small=small["resolution"], versions=_versions(found["with"])
    )
    ordered = sorted(found["variants"], key=lambda entry: entry["name"])
    sections = [_section(*group) for group in groupby(ordered, key=lambda entry: entry["name"])]
    return "\n".join([head, *_missing(found["variants"]), *sections])


def _missing(measured: Sequence[dict[str, Any]]) -> list[str]:
    """What the zoo has and the results have not."""
    known = [(entry["name"], entry["variant"]) for entry in measured]
    entries = [e for e in zoo.entries() if (e["name"], e["variant"]) not in known]
    if not entries:
        return []
    names = ", ".join(f"{entry['name']} {_variant(entry)}" for entry in entries)
    return [f"**Not measured yet**, {len(entries)} of {len(zoo.entries())}: {names}.", ""]


def _versions(used: dict[str, str]) -> str:
    packages = [f"{name} {used[name]}" for name in ("tensorflow", "tflite-micro")]
    return f"Measured with {', '.join(packages)}, {used['compiler']} {used['flags']}"


def _section(name: str, entries: Any) -> str:
    rows = [f"| {' | '.join(_cells(entry))} |" for entry in entries]
    head = [f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    return "\n".join([f"## {name}", "", *head, *rows, ""])


def _cells(entry: dict[str, Any]) -> tuple[str, ...]:
    paper, compiled, small = entry["paper"], entry["compiled"], entry["small"]
    before, after = compiled["moving_steps"]
    above = compiled["arena_bytes"] / compiled["lower_bound_bytes"] - 1
    return (
        _variant(entry),
        "×".join(map(str, entry["input"])),
        format_count(entry["params"]) + _said(paper["params"]),
        format_count(entry["macs"]) + _said(paper["macs"]),
        _kibibytes(compiled["tflite_bytes"]),
        _kibibytes(compiled["arena_bytes"]),
        f"{100 * above:.1f} %",
        _kibibytes(compiled["tflm_arena_bytes"])
        if compiled["tflm_arena_bytes"]
        else "does not run",
        f"{before} → {after}",
        f"{small['inputs'] - small['differing']} of {small['inputs']}",
    )


def _variant(entry: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in entry["variant"].items())


def _said(figure: str | None) -> str:
    return f" ({figure})" if figure else ""


def _kibibytes(count: int) -> str:
    return f"{format_grouped(count / 1024)} KiB"
