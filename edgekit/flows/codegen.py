"""An int8 model in, C sources out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from edgekit import artifacts, boards, checks
from edgekit.artifacts import CompiledModel
from edgekit.boards import Board
from edgekit.codegen import aot, tflm
from edgekit.errors import InputError, LimitError
from edgekit.flows.records import model_name, read_model
from edgekit.units import format_bytes

FIRMWARE_RAM = 4096
"""About what firmware takes beside the model's arena: its own data, buffers of the link."""


def codegen(
    int8: Path,
    out: Path,
    *,
    runtime: str = "edgekit",
    board_id: str | None = None,
    ram_bytes: int | None = None,
) -> CompiledModel:
    """Writes C sources and model.json into `out`, all of them or none; for a board, with the
    kernels of its core. The arena takes at most `ram_bytes`, or what the board has.

    Raises `ModelError`, `UnsupportedModelError`, and `LimitError` when `ram_bytes` are not enough;
    with a board `DoesNotFitError`, before the compiler would find out, when arena or weights alone
    exceed it.
    """
    board = boards.load(board_id) if board_id else None
    room = board.memory.ram.available_bytes - FIRMWARE_RAM if board else None
    with tempfile.TemporaryDirectory(prefix="edgekit-sources-") as folder:
        sources = Path(folder)
        compiled = generate(
            int8,
            sources,
            runtime=runtime,
            board=board,
            ram_bytes=room if ram_bytes is None else ram_bytes,
        )
        if ram_bytes is not None:
            require_ram(compiled.name, compiled.arena_bytes, ram_bytes, runtime)
        if board is not None:
            needed = checks.Needs(compiled.arena_bytes, compiled.weights_bytes)
            checks.require_room(compiled.name, needed, board)
        keep_sources(compiled, sources, out)
    return compiled


def require_ram(name: str, needed: int, allowed: int, runtime: str = "edgekit") -> None:
    """Raises `LimitError` when a model that was made as small as it gets is larger than that."""
    if needed > allowed:
        rows = " even row by row" if runtime == "edgekit" else ""
        raise LimitError(
            f"{name} needs {format_bytes(needed)} of RAM{rows}, "
            f"--ram allows {format_bytes(allowed)}: {format_bytes(needed - allowed)} too much",
            hint="A smaller input resolution saves RAM."
            if rows
            else "The edgekit runtime runs layers row by row, which needs less.",
        )


def generate(
    int8: Path,
    out: Path,
    *,
    runtime: str = "edgekit",
    board: Board | None = None,
    ram_bytes: int | None = None,
) -> CompiledModel:
    """As `codegen`, whether it fits or not."""
    model, name = read_model(int8), model_name(int8)
    if runtime == "tflm":
        return tflm.generate(model, name, out)
    kernels = board.kernels if board else ""
    return aot.generate(model, name, out, kernels=kernels, ram_bytes=ram_bytes)


def keep_sources(compiled: CompiledModel, sources: Path, place: Path) -> None:
    """Puts generated sources into `place`; those of an earlier model there go, nothing else."""
    if place.resolve() == sources.resolve():
        return
    if (place / "model.json").exists():
        for name in load_compiled(place).sources:
            (place / Path(name).name).unlink(missing_ok=True)
    for name in (*compiled.sources, "model.json"):
        artifacts.write_bytes(place / name, (sources / name).read_bytes())


def whole_sources(folder: Path) -> CompiledModel:
    """As `load_compiled`, of a folder from which no source has gone since."""
    compiled = load_compiled(folder)
    missing = [name for name in compiled.sources if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder} lacks {', '.join(missing)}, which its model.json names",
            hint="Generate the sources again: edgekit codegen int8.tflite -o DIR",
        )
    return compiled


def load_compiled(folder: Path) -> CompiledModel:
    """What `codegen` wrote into a folder. Raises `InputError` when that is something else."""
    if not (folder / "model.json").exists():
        raise InputError(
            f"{folder} holds no generated sources (no model.json)",
            hint="Give the folder that `edgekit codegen` wrote, or a .tflite file.",
        )
    compiled = artifacts.load(CompiledModel, folder / "model.json")
    outside = [name for name in compiled.sources if Path(name).name != name or name == ".."]
    if outside:  # they would be read, and copied, outside the folder
        raise InputError(
            f"{folder / 'model.json'} names a source outside its folder: {outside[0]!r}",
            hint="Generate the sources again: edgekit codegen int8.tflite -o DIR",
        )
    return compiled
