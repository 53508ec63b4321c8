"""What `bench --frontier` leaves: how much slower a model gets in less memory."""

from __future__ import annotations

from collections.abc import Sequence
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

    @property
    def counted(self) -> int:
        """Cycles, or instructions where the board counts those."""
        return self.cycles or self.instructions or 0

    def beats(self, other: FrontierPoint) -> bool:
        """Whether it is better than the other in RAM or time, and worse in neither."""
        own, theirs = (self.ram_bytes, self.counted), (other.ram_bytes, other.counted)
        return own != theirs and own[0] <= theirs[0] and own[1] <= theirs[1]


class Frontier(Artifact, frozen=True):
    """Memory against time on one board: each point needs less RAM than the one before.

    The first, the default, is what a build without a budget gives; none of the others is beaten.
    """

    board: str
    source: Literal["hardware", "emulator", "host"]
    compiler: str
    model_sha256: str
    points: tuple[FrontierPoint, ...]

    @property
    def default_is_beaten(self) -> bool:
        """Whether a smaller point is no slower than the default."""
        return any(point.beats(self.points[0]) for point in self.points)


def front(points: Sequence[FrontierPoint]) -> tuple[FrontierPoint, ...]:
    """The first point, and of the others those that none of all beats, RAM falling."""
    kept = [it for it in points[1:] if not any(other.beats(it) for other in points)]
    return (*points[:1], *sorted(kept, key=lambda point: -point.ram_bytes))
