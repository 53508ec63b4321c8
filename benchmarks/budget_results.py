"""What a budget of RAM costs, as it is kept in budgets.json."""

from __future__ import annotations

from pathlib import Path

import msgspec

from edgekit.artifacts import Record

RESULTS = Path(__file__).with_name("budgets.json")


class Plan(Record, frozen=True):
    """One build: `count` as the record's `unit`, `ram_bytes` data + bss with the input."""

    ram_bytes: int
    count: int


class Budget(Record, frozen=True):
    """A model on all cores of a board, without a limit and with one, in bytes."""

    model: str
    board: str
    core: str
    compiler: str
    model_sha256: str
    unit: str
    limit: int
    free: Plan
    limited: Plan

    @property
    def cost(self) -> float:
        """What is paid for the limit: 0.05 is 5 % more."""
        return self.limited.count / self.free.count - 1


def load() -> tuple[Budget, ...]:
    """What was measured last."""
    return msgspec.json.decode(RESULTS.read_bytes(), type=tuple[Budget, ...])
