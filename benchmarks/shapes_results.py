"""What shapes.py measured, as it is kept in shapes.json, and what of it is a cliff."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from edgekit.artifacts import Record, write_bytes

RESULTS = Path(__file__).with_name("shapes.json")
CLIFF = 2.0
"""Times what the neighbour costs."""


class Cost(Record, frozen=True):
    """A layer on a board: multiply-accumulates (outputs, where there are none) and what they cost
    there, in instructions, or in cycles on the Pico."""

    shape: str
    neighbour: str | None
    macs: int
    count: int


class Sweep(Record, frozen=True):
    """All layers on one board."""

    board: str
    core: str
    compiler: str
    flags: tuple[str, ...]
    unit: str
    costs: tuple[Cost, ...]


def times(found: Sweep) -> dict[str, float]:
    """What a multiply-accumulate of each shape costs, in those of its neighbour."""
    each = {cost.shape: cost.count / cost.macs for cost in found.costs}
    return {
        cost.shape: each[cost.shape] / each[cost.neighbour]
        for cost in found.costs
        if cost.neighbour
    }


def cliffs(found: Sweep) -> list[str]:
    """The shapes that nobody should have to expect."""
    return [name for name, ratio in times(found).items() if ratio > CLIFF]


def load() -> tuple[Sweep, ...]:
    """What was kept."""
    return msgspec.json.decode(RESULTS.read_bytes(), type=tuple[Sweep, ...])


def save(sweeps: Iterable[Sweep]) -> None:
    """Writes them, a line for each shape."""
    lines = (msgspec.json.encode(sweep).replace(b'{"shape"', b'\n {"shape"') for sweep in sweeps)
    write_bytes(RESULTS, b"[\n" + b",\n".join(lines) + b"\n]\n")
