"""What cmsis_nn.py counted, as it is kept in cmsis_nn.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from edgekit.artifacts import Record, write_bytes

RESULTS = Path(__file__).with_name("cmsis_nn.json")
BUILDS = (
    ("cortex-m0plus", "gcc"),
    ("cortex-m3", "gcc"),
    ("cortex-m3", "zig"),
    ("cortex-m4", "gcc"),
    ("cortex-m7", "gcc"),
    ("cortex-m33", "gcc"),
    ("cortex-m55", "gcc"),
    ("cortex-m55", "zig"),
)
"""Cores, and what compiles CMSIS-NN for them: gcc as in TFLM, and zig where edgekit takes that."""
_GOAL, _GOALS = 2.0, {"cortex-m55": 1.4}


class Count(Record, frozen=True):
    """A layer or a model: multiply-accumulates (outputs, where there are none), and instructions
    of CMSIS-NN and of edgekit."""

    name: str
    macs: int
    cmsis_nn: int
    edgekit: int

    @property
    def times(self) -> float:
        """How many times fewer instructions edgekit takes."""
        return self.cmsis_nn / self.edgekit


class Comparison(Record, frozen=True):
    """All layers and models on one core. `version` is what the user said that the sources are."""

    core: str
    machine: str
    version: str
    sources_sha256: str
    compiler: str
    flags: tuple[str, ...]
    edgekit_compiler: str
    edgekit_flags: tuple[str, ...]
    layers: tuple[Count, ...]
    models: tuple[Count, ...]

    @property
    def key(self) -> tuple[str, str]:
        """As in BUILDS."""
        return self.core, "zig" if self.compiler.startswith("zig") else "gcc"

    @property
    def goal(self) -> float:
        """How many times fewer instructions a layer should take."""
        return _GOALS.get(self.core, _GOAL)

    @property
    def rows(self) -> tuple[Count, ...]:
        """Layers, then models."""
        return *self.layers, *self.models

    @property
    def short_of_goal(self) -> list[Count]:
        """Layers and models that take more, the worst first."""
        found = [row for row in self.rows if row.times < self.goal]
        return sorted(found, key=lambda row: row.times)


def load() -> dict[tuple[str, str], Comparison]:
    """What was kept, by core and compiler; none where there is no file."""
    if not RESULTS.exists():
        return {}
    found = msgspec.json.decode(RESULTS.read_bytes(), type=tuple[Comparison, ...])
    return {one.key: one for one in found}


def save(kept: Mapping[tuple[str, str], Comparison]) -> None:
    """Writes them in the order of BUILDS, a line for each row."""
    found = [msgspec.json.encode(kept[build]) for build in BUILDS if build in kept]
    lines = (one.replace(b'{"name"', b'\n {"name"') for one in found)
    write_bytes(RESULTS, b"[\n" + b",\n".join(lines) + b"\n]\n")
