"""A run's folder, read back: every artifact that is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgekit import artifacts
from edgekit.artifacts import (
    AnyArtifact,
    Benchmark,
    Checked,
    CompiledModel,
    Firmware,
    Quantized,
    Validation,
)
from edgekit.errors import InputError


@dataclass(frozen=True, slots=True)
class Run:
    """What a folder holds; a step that was not run is None."""

    name: str
    quantized: Quantized | None
    checked: Checked | None
    compiled: CompiledModel | None
    firmware: Firmware | None
    benchmark: Benchmark | None
    validation: Validation | None


def load_run(folder: Path) -> Run:
    """Reads all artifacts of a folder.

    Raises `InputError` when there is none, or when one cannot be read.
    """
    run = Run(
        name=folder.resolve().name,
        quantized=_maybe(Quantized, folder / "quantize.json"),
        checked=_maybe(Checked, folder / "check.json"),
        compiled=_maybe(CompiledModel, folder / "c" / "model.json"),
        firmware=_maybe(Firmware, folder / "firmware.json"),
        benchmark=_maybe(Benchmark, folder / "bench.json"),
        validation=_maybe(Validation, folder / "validate.json"),
    )
    if not any((run.quantized, run.checked, run.compiled, run.benchmark, run.validation)):
        raise InputError(
            f"{folder} holds no results of a run",
            hint="Give the folder that `edgekit deploy` wrote; by default build/<model>.",
        )
    return run


def _maybe(kind: type[AnyArtifact], path: Path) -> AnyArtifact | None:
    return artifacts.load(kind, path) if path.exists() else None
