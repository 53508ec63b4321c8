"""How much slower models get in less RAM: from benchmarks/frontier.json."""

from __future__ import annotations

from pathlib import Path

import msgspec

from edgekit.artifacts import Frontier, FrontierPoint
from edgekit.units import format_bytes, format_duration, format_grouped

_RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "frontier.json"
_HEAD = """# RAM

A layer needs its input and its output at once, and early layers are large: that is what a model's
RAM is mostly made of. Where it is too much, edgekit runs neighbouring layers **row by row**:
between two of them lies a window of a few rows, and the tensor between them is never whole. Each
row is still computed once, by the same kernels, so results are the same bytes
([ADR 17](adr/0017-layers-row-by-row.md)).

```
edgekit build person.tflite --board pico --ram 40k
```

`--ram` is what the firmware's data may take, the model's input included (for `codegen`, what the
model's arena may). Layers are rolled together only where they have to be, and the cheapest way that
reaches the budget is taken. Without `--ram` the same happens when the board is too small otherwise.

What a budget costs is measured, not guessed:

```
edgekit bench person.tflite --board pico --emulate --frontier
```

builds the model at several sizes, runs each, prints a table, and leaves `frontier.json`, from which
`edgekit report` draws a picture. Plans that another one beats in RAM and in time are left out, but
for the default, which is the first. A rolled run of layers is one step in profiles and checksums.
*Calls* of kernels are those of rolled layers in one inference, which would be one for each layer
otherwise; *moved* are bytes that are copied into windows and within them.
"""
_BEATEN = """The first row is the default, though a smaller plan is faster here: the default rolls
nothing. The planner counts what is moved and how often kernels are called; what else rolling costs
or gains in time, here less than a percent, only a measurement tells.
"""
_NAMES = {
    "vww_96_int8": "MLPerf Tiny visual wake words (MobileNetV1 0.25, 96×96×3)",
    "resnet8_int8": "MLPerf Tiny image classification (ResNet-8, 32×32×3)",
    "kws_int8": "MLPerf Tiny keyword spotting (DS-CNN, 49×10×1)",
}


def text() -> str:
    """The page."""
    found = msgspec.json.decode(_RESULTS.read_bytes(), type=dict[str, Frontier])
    return "\n".join([_HEAD, *(_section(name, frontier) for name, frontier in found.items())])


def _section(name: str, found: Frontier) -> str:
    where = f"Both cores of the {found.board}, measured on the {found.source}, {found.compiler}"
    digest = f"model sha256 {found.model_sha256[:16]}…"
    head = "| RAM | of it arena | layers rolled | calls | moved | cycles | slower | time |"
    first = found.points[0]
    rows = [_row(point, first) for point in found.points]
    beaten = [_BEATEN] if found.default_is_beaten else []
    return "\n".join(
        [f"## {_NAMES.get(name, name)}", "", f"{where}, {digest}.", "", head,
         "|---|---|---|---|---|---|---|---|", *rows, "", *beaten]
    )  # fmt: skip


def _row(point: FrontierPoint, first: FrontierPoint) -> str:
    assert point.cycles is not None
    assert first.cycles is not None
    assert point.latency_us is not None
    cells = (
        format_bytes(point.ram_bytes),
        f"{format_grouped(point.arena_bytes)} B",
        str(point.rolled_layers),
        str(point.kernel_calls),
        format_bytes(point.moved_bytes),
        format_grouped(point.cycles),
        f"{100 * (point.cycles / first.cycles - 1):+.1f} %",
        format_duration(point.latency_us / 1e6),
    )
    return f"| {' | '.join(cells)} |"
