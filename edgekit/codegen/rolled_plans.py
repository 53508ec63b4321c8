"""The plans between the fastest and the smallest one, and what each of them costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgekit.codegen.optimizing import optimized
from edgekit.planner import Budget
from edgekit.tflite import read_graph
from edgekit.tflite.ends import int8_part


@dataclass(frozen=True, slots=True)
class RolledPlan:
    """A plan by what it takes; `rolled_layers` run a few rows at a time."""

    arena_bytes: int
    rolled_layers: int
    kernel_calls: int
    moved_bytes: int


def rolled_plans(model: bytes, name: str, *, kernels: str = "") -> tuple[RolledPlan, ...]:
    """From the plan without rolled layers down to the smallest arena that is found.

    Raises `ModelError` or `UnsupportedModelError`.
    """
    graph = replace(read_graph(int8_part(model, name).data, name), kernels=kernels)
    found = []
    for planned in Budget(optimized(graph).graph).frontier():
        rolled = [step.rolling for step in planned.steps if step.rolling is not None]
        found.append(
            RolledPlan(
                arena_bytes=planned.arena_bytes,
                rolled_layers=sum(len(rolling.members) for rolling in rolled),
                kernel_calls=sum(rolling.calls for rolling in rolled),
                moved_bytes=sum(rolling.moved_bytes for rolling in rolled),
            )
        )
    return tuple(found)
