"""How fast int8 runs on the host: a table in docs/validation.md, from benchmarks/host.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from edgekit.units import format_grouped

PAGE = "validation.md"
_RESULTS = Path(__file__).parents[2] / "benchmarks" / "host.json"
_HEAD = """| images a second | reference loop | `validate` | times | XNNPACK, {threads} |
|---|--:|--:|--:|{rule}|
"""
_TAIL = """

`python benchmarks/host.py` on {cores} cores of an {cpu}, best of several short
runs. {compiler},
LiteRT {litert}. The loop asks LiteRT's reference kernels for one image after the other;
`validate` gives the same bytes. LiteRT with XNNPACK, as `edgekit bench` runs it on
[boards with Linux](raspberry_pi.md), rounds some sums otherwise.
"""


def fragment() -> str:
    """The table, and where it was measured."""
    found = msgspec.json.decode(_RESULTS.read_bytes())
    threads = list(next(iter(found["models"].values()))["xnnpack_per_s"])
    heads = " | ".join(f"{n} thread{'s' * (n != '1')}" for n in threads)
    head = _HEAD.format(threads=heads, rule="|".join(["--:"] * len(threads)))
    rows = [_row(name, model) for name, model in found["models"].items()]
    return head + "\n".join(rows) + _TAIL.format(**found)


def _row(name: str, model: dict[str, Any]) -> str:
    cells = (
        name,
        _rate(model["one_image_at_a_time_per_s"]),
        _rate(model["validate_per_s"]),
        f"{model['times']:.1f}",
        *map(_rate, model["xnnpack_per_s"].values()),
    )
    return f"| {' | '.join(cells)} |"


def _rate(images_per_s: float) -> str:
    return f"{images_per_s:.1f}" if images_per_s < 100 else format_grouped(images_per_s)
