"""One model at several sizes of RAM, each built, flashed onto an emulated board and measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edgekit import artifacts, boards
from edgekit.artifacts import Frontier, FrontierPoint, front
from edgekit.boards import Board
from edgekit.build.toolchain import Compiler
from edgekit.codegen.rolled_plans import RolledPlan, rolled_plans
from edgekit.errors import BoardError
from edgekit.flows.bench import measure
from edgekit.flows.build import build_arena
from edgekit.flows.flash import flash_emulated
from edgekit.flows.progress import Progress, silent
from edgekit.flows.records import model_name, read_model

_MOST_POINTS = 8


def frontier(
    model: Path,
    board_id: str,
    *,
    runs: int = 1,
    compiler: Compiler = "auto",
    output: Path | None = None,
    progress: Progress = silent,
) -> Frontier:
    """Measures at most eight plans of an int8 model and writes those that no other beats, and the
    default, to frontier.json.

    Each point's firmware lies in build/<board>; the last one there, and on the emulated board, is
    the default. Raises `BoardError` without an emulator, and as `build`, `flash` and `bench` do.
    """
    board = boards.load(board_id)
    _require_emulator(board)
    data = read_model(model)
    progress("searching plans", 0, 1)
    plans = _spread(rolled_plans(data, model_name(model), kernels=board.kernels))
    points = []
    for number, plan in enumerate(reversed(plans)):
        progress("measuring plans", number, len(plans))
        points.append(_measured(model, data, board, plan, runs, compiler))
    progress("measuring plans", len(plans), len(plans))
    found = Frontier(
        board=board_id,
        source="emulator",
        compiler=points[-1][1],
        model_sha256=artifacts.sha256(data),
        points=front([point for point, _ in reversed(points)]),
    )
    artifacts.save(found, output or Path("build", board_id, "frontier.json"))
    return found


def _require_emulator(board: Board) -> None:
    if board.emulator is None:
        raise BoardError(
            f"--frontier flashes one build after the other onto an emulated board, and there is no"
            f" emulator for {board.id}",
            hint="`edgekit boards` says which have one.",
        )


def _spread(plans: Sequence[RolledPlan]) -> list[RolledPlan]:
    """The first, the last, and those between that divide the span of memory most evenly."""
    if len(plans) <= _MOST_POINTS:
        return list(plans)
    most, least = plans[0].arena_bytes, plans[-1].arena_bytes
    wanted = [most + (least - most) * n / (_MOST_POINTS - 1) for n in range(_MOST_POINTS)]
    nearest = {min(plans, key=lambda it: abs(it.arena_bytes - size)) for size in wanted}
    return sorted(nearest, key=lambda it: -it.arena_bytes)


def _measured(
    model: Path, data: bytes, board: Board, plan: RolledPlan, runs: int, compiler: Compiler
) -> tuple[FrontierPoint, str]:
    folder = Path("build", board.id)
    firmware = build_arena(model, board.id, folder, plan.arena_bytes, compiler=compiler)
    flash_emulated(folder, board, silent)
    found = measure(
        board, artifacts.sha256(data), port=None, emulate=True, runs=runs, progress=silent
    )
    point = FrontierPoint(
        ram_bytes=firmware.ram_bytes,
        arena_bytes=plan.arena_bytes,
        flash_bytes=firmware.flash_bytes,
        rolled_layers=plan.rolled_layers,
        kernel_calls=plan.kernel_calls,
        moved_bytes=plan.moved_bytes,
        cycles=found.cycles_per_inference,
        instructions=found.instructions_per_inference,
        latency_us=found.latency_us.median if found.latency_us else None,
    )
    return point, firmware.compiler
