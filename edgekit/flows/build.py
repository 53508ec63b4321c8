"""An int8 model, or the sources that were generated from one, in; firmware for a board out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from edgekit import artifacts, boards, paths
from edgekit.artifacts import Firmware
from edgekit.build import firmware
from edgekit.build.toolchain import Compiler
from edgekit.errors import InputError
from edgekit.flows.codegen import generate, keep_sources, load_compiled


def build(
    source: Path, board_id: str, out: Path | None = None, *, compiler: Compiler = "auto"
) -> Firmware:
    """Builds firmware into `out` (build/<board>) from a .tflite file or a folder of sources.

    Remembers the place, so that `flash` without a file finds it. Raises as
    `edgekit.build.firmware.build` and `codegen` do.
    """
    board = boards.load(board_id)
    out = out or Path("build", board_id)
    if source.is_dir():
        compiled = load_compiled(source)
        made = firmware.build(compiled, source, board, out, compiler=compiler)
        keep_sources(compiled, source, out / "c")
    else:
        made = _build_model(source, board, out, compiler)
    remember(board_id, out / "firmware.json")
    return made


def _build_model(int8: Path, board: boards.Board, out: Path, compiler: Compiler) -> Firmware:
    """Keeps the sources in ``c/`` beside the firmware; nothing is kept of what does not build."""
    with tempfile.TemporaryDirectory(prefix="edgekit-sources-") as folder:
        sources = Path(folder, "c")
        compiled = generate(int8, sources, board=board)
        made = firmware.build(compiled, sources, board, out, compiler=compiler)
        keep_sources(compiled, sources, out / "c")
    return made


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
