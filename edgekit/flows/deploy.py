"""The main job: from a trained model to numbers measured on a board, in one folder."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from edgekit import artifacts, boards, report
from edgekit.artifacts import (
    Benchmark,
    Checked,
    Diagnosis,
    Firmware,
    Quantized,
    Record,
    Resize,
    Validation,
)
from edgekit.boards import Board
from edgekit.build import template
from edgekit.errors import LimitError
from edgekit.flows.bench import measure
from edgekit.flows.build import build
from edgekit.flows.check import check
from edgekit.flows.device import require_one_way
from edgekit.flows.emulators import port_of
from edgekit.flows.flash import flash
from edgekit.flows.progress import Progress, silent
from edgekit.flows.quantize import quantize
from edgekit.flows.validate import Where, validate
from edgekit.quantize import DEFAULT_MAX_DROP


class Options(Record, frozen=True):
    """What a deployment may be told; see the command's help."""

    preprocess: str | None = None
    resize: Resize | None = None
    calibration: int | None = None
    seed: int = 0
    fix: str = "auto"
    ram: int | None = None
    port: str | None = None
    emulate: bool = False
    runs: int = 10
    max_drop: float | None = None
    device_samples: int | None = None


class Deployment(Record, frozen=True):
    """Every step's artifact, and the page that shows them."""

    quantize: Quantized
    diagnosis: Diagnosis
    check: Checked
    firmware: Firmware
    bench: Benchmark
    validate: Validation
    report: str
    folder: str
    seconds: float


def deploy(
    model: Path,
    images: Path,
    board_id: str,
    options: Options,
    *,
    output: Path | None = None,
    progress: Progress = silent,
) -> Deployment:
    """Quantize, check, compile, build, flash, benchmark, validate, report, into `output`.

    The folder is build/<model> by default. Raises `LimitError` when a check fails: nothing is
    flashed then. A drop above the limit raises nothing; the page is written, and `validate.ok`
    says so.
    """
    started, board = time.monotonic(), boards.load(board_id)
    port = _way_to(board, options)
    folder = output or Path("build", model.stem)
    artifacts.require_writable(folder)
    int8 = folder / "int8.tflite"
    quantized = quantize(
        model, images, int8,
        preprocess=options.preprocess, resize=options.resize, calibration=options.calibration,
        seed=options.seed, fix=options.fix, progress=progress,
        max_drop=DEFAULT_MAX_DROP if options.max_drop is None else options.max_drop,
        report_folder=folder,
    )  # fmt: skip
    diagnosis = artifacts.load(Diagnosis, folder / "diagnosis.json")
    checked = _checked(int8, board_id, diagnosis, folder)
    progress("building", 0, 1)
    firmware = build(int8, board_id, folder, ram_bytes=options.ram)
    progress("building", 1, 1)
    flash(folder, board_id, port=port, emulate=options.emulate, progress=progress)
    measured = measure(
        board, firmware.model_sha256,
        port=port, emulate=options.emulate, runs=options.runs, progress=progress,
    )  # fmt: skip
    artifacts.save(measured, folder / "bench.json")
    validated = validate(
        model, int8, images,
        where=Where(port or "emulator", board_id, options.device_samples),
        max_drop=options.max_drop, progress=progress,
    )  # fmt: skip
    return Deployment(
        quantize=quantized,
        diagnosis=diagnosis,
        check=checked,
        firmware=firmware,
        bench=measured,
        validate=validated,
        report=str(report.render(folder)),
        folder=str(folder),
        seconds=time.monotonic() - started,
    )


def _way_to(board: Board, options: Options) -> str | None:
    """The board's port, None for an emulated one; before anything takes time: without a board,
    or firmware for it, there is no point."""
    if not board.runs_linux:
        template.load(board)
    require_one_way(board, port=options.port, emulate=options.emulate)
    return None if options.emulate else options.port or port_of(board)


def _checked(int8: Path, board_id: str, diagnosis: Diagnosis, folder: Path) -> Checked:
    """The verdict, written down before it is acted on."""
    verdict = check(int8, board_id=board_id, diagnosis=diagnosis)
    verdict = msgspec.structs.replace(verdict, diagnosis=None)  # which has a file of its own
    artifacts.save(verdict, folder / "check.json")
    if not verdict.ok:
        errors = [found for found in verdict.findings if found.severity == "error"]
        lines = [f"  {found.rule}, {found.where}: {found.message}" for found in errors]
        raise LimitError(
            "\n".join([f"{int8} fails {len(errors)} check(s):", *lines]), hint=errors[0].hint
        )
    return verdict
