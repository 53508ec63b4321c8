"""What each step of the C that edgekit generates takes: instructions on emulated MPS boards."""

from __future__ import annotations

import tempfile
from pathlib import Path

import counted
from counted import FREESTANDING, HARNESS, INCLUDES, Job

from edgekit.boards import Board
from edgekit.build.toolchain import find
from edgekit.flows.codegen import generate
from edgekit.paths import kernels_folder


def steps(model: bytes, board: Board) -> tuple[tuple[str, int], ...]:
    """The steps of a model that edgekit compiles: the layer's name, which others may have too, and
    instructions."""
    with tempfile.TemporaryDirectory() as folder:
        return _steps(model, board, Path(folder))


def _steps(model: bytes, board: Board, work: Path) -> tuple[tuple[str, int], ...]:
    toolchain, file, sources = find(board.core), work / "model.tflite", work / "c"
    file.write_bytes(model)
    compiled = generate(file, sources, board=board)
    counted.write_config(board, work)
    jobs = [
        *counted.harness_jobs(work),
        Job(FREESTANDING / "memory.c", "-O2", (FREESTANDING,)),
        Job(HARNESS / "edgekit.c", "-O2", (work, sources, kernels_folder(), *INCLUDES)),
        *(
            Job(sources / name, toolchain.kernels, (sources, FREESTANDING))
            for name in compiled.sources
            if name.endswith(".c")
        ),
    ]
    objects = counted.compiled(jobs, toolchain, work)
    rows = counted.run(board, counted.flash_image(objects, toolchain, board, work))
    names = [step.name for step in compiled.steps]
    return tuple((name, count) for name, (count,) in zip(names, rows, strict=True))
