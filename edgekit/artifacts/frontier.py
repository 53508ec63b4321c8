"""What `bench --frontier` leaves: how much slower a model gets in less memory."""

from __future__ import annotations

from typing import Literal

from edgekit.artifacts.records import Artifact, Record


class FrontierPoint(Record, frozen=True):
    """One plan of a model, built and measured; what a board does not count is null."""

    ram_bytes: int
    """Data and bss of the firmware, with the model's input."""
    arena_bytes: int
    flash_bytes: int
    rolled_layers: int
    """Layers that run a few rows at a time."""
    kernel_calls: int
    """Those of rolled layers, per inference."""
    moved_bytes: int
    """What is copied into windows and within them, per inference. No row is computed twice."""
    cycles: int | None
    instructions: int | None
    latency_us: float | None


class Frontier(Artifact, frozen=True):
    """Memory against time on one board: each point needs less RAM than the one before."""

    board: str
    source: Literal["hardware", "emulator", "host"]
    compiler: str
    model_sha256: str
    points: tuple[FrontierPoint, ...]
