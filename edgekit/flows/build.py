"""An int8 model, or the sources that were generated from one, in; firmware for a board out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from edgekit import artifacts, boards, paths
from edgekit.artifacts import Firmware
from edgekit.build import agent, firmware
from edgekit.build.toolchain import Compiler
from edgekit.errors import InputError
from edgekit.flows.codegen import (
    FIRMWARE_RAM,
    generate,
    keep_sources,
    require_ram,
    whole_sources,
)
from edgekit.flows.records import model_name, read_model


def build(
    source: Path,
    board_id: str,
    out: Path | None = None,
    *,
    compiler: Compiler = "auto",
    ram_bytes: int | None = None,
) -> Firmware:
    """Builds firmware into `out` (build/<board>) from a .tflite file or a folder of sources.

    Its data and bss take at most `ram_bytes`, or what the board has: where the model needs more,
    layers run row by row. `LimitError` says what the least is when that is not enough.

    Remembers the place, so that `flash` without a file finds it. Raises as
    `edgekit.build.firmware.build` and `codegen` do.
    """
    board = boards.load(board_id)
    out = out or Path("build", board_id)
    if board.runs_linux:
        made = _pack_model(source, board, out)
    elif source.is_dir():
        if ram_bytes is not None:
            raise InputError(
                "--ram has no say in sources that are generated already",
                hint="Give it to codegen, or give build the .tflite file.",
            )
        compiled = whole_sources(source)
        made = firmware.build(compiled, source, board, out, compiler=compiler)
        keep_sources(compiled, source, out / "c")
    else:
        made = _build_model(source, board, out, compiler, ram_bytes)
    remember(board_id, out / "firmware.json")
    return made


def _pack_model(int8: Path, board: boards.Board, out: Path) -> Firmware:
    """For a board that runs .tflite files itself: with its agent, nothing generated."""
    if int8.is_dir():
        raise InputError(
            f"{int8} is a folder", hint=f"{board.name} runs the int8 .tflite file: give that."
        )
    return agent.build(read_model(int8), model_name(int8), board, out)


def build_arena(
    int8: Path, board_id: str, out: Path, arena_bytes: int, *, compiler: Compiler = "auto"
) -> Firmware:
    """As `build`, with a limit to the model's arena alone."""
    made, _ = _build_once(int8, boards.load(board_id), out, compiler, arena_bytes)
    remember(board_id, out / "firmware.json")
    return made


def _build_model(
    int8: Path, board: boards.Board, out: Path, compiler: Compiler, ram_bytes: int | None
) -> Firmware:
    """Keeps the sources in ``c/`` beside the firmware; nothing is kept of what does not build."""
    if ram_bytes is None:
        room = board.memory.ram.available_bytes - FIRMWARE_RAM
        return _build_once(int8, board, out, compiler, room)[0]
    made, arena_bytes = _build_once(int8, board, out, compiler, ram_bytes)
    # What the firmware takes beside the arena is known now; an arena that alone is too large is as
    # small as it gets.
    if arena_bytes <= ram_bytes < made.ram_bytes:
        room = max(0, ram_bytes - (made.ram_bytes - arena_bytes))
        made, _ = _build_once(int8, board, out, compiler, room)
    require_ram(made.model_name, made.ram_bytes, ram_bytes)
    return made


def _build_once(
    int8: Path, board: boards.Board, out: Path, compiler: Compiler, ram_bytes: int
) -> tuple[Firmware, int]:
    """The firmware with an arena of at most `ram_bytes`, if that can be, and the arena's size."""
    with tempfile.TemporaryDirectory(prefix="edgekit-sources-") as folder:
        sources = Path(folder, "c")
        compiled = generate(int8, sources, board=board, ram_bytes=ram_bytes)
        made = firmware.build(compiled, sources, board, out, compiler=compiler)
        keep_sources(compiled, sources, out / "c")
    return made, compiled.arena_bytes


def _note(board_id: str) -> Path:
    return paths.state_folder() / "last_build" / f"{board_id}.txt"


def remember(board_id: str, record: Path) -> None:
    """Notes a board's last firmware.json."""
    artifacts.write_text(_note(board_id), f"{record.resolve()}\n")


def last_build(board_id: str) -> Path:
    """The folder of a board's last build. Raises `InputError` when there is none."""
    note = _note(board_id)
    record = Path(note.read_text().strip()) if note.exists() else None
    if record is None or not record.exists():
        raise InputError(
            f"the last build for {board_id} is gone: {record}"
            if record
            else f"nothing was built for {board_id} yet",
            hint=f"Build one: edgekit build int8.tflite --board {board_id}",
        )
    return record.parent
