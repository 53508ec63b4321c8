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

Every variant that `edgekit zoo list` shows, with what the paper says in parentheses (papers round,
some of them down; a star leads to the reason where the figure is another one): the network's
parameters and multiply-accumulates (MACs), its int8 `.tflite` file, and the memory of its tensors
as `edgekit codegen` plans them (arena), beside the least that any plan for these tensors takes
(lower bound) and the arena in which TensorFlow Lite Micro runs the same file on a 64-bit host; its
figure includes the interpreter's own records. *Moves* counts the operations of an inference that
only copy values, before the compiler's passes and after them
(ADR [15](adr/0015-channels-are-routed-by-weights.md) and
[32](adr/0032-two-images-below-each-other.md)). *Equal* was not compared
at the input that the row names but at {small}×{small} pixels and 10 classes: for how many of
{inputs} random inputs the generated C gave the bytes of TensorFlow Lite Micro, the oracle. No
weights are trained; none of these figures depends on that.

`python benchmarks/zoo.py` measures it again. {versions}.
"""
_COLUMNS = (
    "variant", "input", "params", "MACs", "int8 file", "arena", "above lower bound", "TFLM's arena",
    "moves", "equal at {small}×{small}",
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
    measured, papers = list(entries), _papers(name)
    rows = [f"| {' | '.join(_cells(e, papers.get(_variant(e), e['paper'])))} |" for e in measured]
    columns = " | ".join(_COLUMNS).format(small=measured[0]["small"]["resolution"])
    head = [f"| {columns} |", f"|{'---|' * len(_COLUMNS)}"]
    notes = (paper[f"{key}_note"] for paper in papers.values() for key in ("params", "macs"))
    stars = [f"\n\\* {note}" for note in dict.fromkeys(notes) if note]
    return "\n".join([f"## {name}", "", *head, *rows, *stars, ""])


def _papers(name: str) -> dict[str, dict[str, Any]]:
    """What the paper says of each variant of an architecture."""
    return {_variant(entry): entry["paper"] for entry in zoo.entries(name)}


def _cells(entry: dict[str, Any], paper: dict[str, Any]) -> tuple[str, ...]:
    compiled, small = entry["compiled"], entry["small"]
    before, after = compiled["moving_steps"]
    above = compiled["arena_bytes"] / compiled["lower_bound_bytes"] - 1
    return (
        _variant(entry),
        "×".join(map(str, entry["input"])),
        format_count(entry["params"]) + _said(paper, "params"),
        format_count(entry["macs"]) + _said(paper, "macs"),
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


def _said(paper: dict[str, Any], key: str) -> str:
    star = "\\*" if paper.get(f"{key}_note") else ""
    return f" ({paper[key]}{star})" if paper[key] else ""


def _kibibytes(count: int) -> str:
    return f"{format_grouped(count / 1024)} KiB"
