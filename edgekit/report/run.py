"""A run's folder, read back: every artifact that is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from edgekit import artifacts
from edgekit.artifacts import (
    AnyArtifact,
    Benchmark,
    Checked,
    CompiledModel,
    Diagnosis,
    Firmware,
    Frontier,
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
    diagnosis: Diagnosis | None
    compiled: CompiledModel | None
    firmware: Firmware | None
    benchmark: Benchmark | None
    validation: Validation | None
    frontier: Frontier | None = None


def load_run(folder: Path) -> Run:
    """Reads all artifacts of a folder, but those that an earlier run left of another int8 model.

    Raises `InputError` when there is none, or when one cannot be read.
    """
    quantized = _maybe(Quantized, folder / "quantize.json")
    model = quantized.output_sha256 if quantized else None
    run = Run(
        name=folder.resolve().name,
        quantized=quantized,
        checked=_maybe(Checked, folder / "check.json"),
        diagnosis=_of(model, _maybe(Diagnosis, folder / "diagnosis.json")),
        compiled=_of(model, _maybe(CompiledModel, folder / "c" / "model.json")),
        firmware=_of(model, _maybe(Firmware, folder / "firmware.json")),
        benchmark=_of(model, _maybe(Benchmark, folder / "bench.json")),
        validation=_of(model, _maybe(Validation, folder / "validate.json")),
        frontier=_of(model, _maybe(Frontier, folder / "frontier.json")),
    )
    if not any(
        (run.quantized, run.checked, run.diagnosis, run.compiled, run.benchmark, run.validation)
    ):
        raise InputError(
            f"{folder} holds no results of a run",
            hint="Give the folder that `edgekit deploy` wrote; by default build/<model>.",
        )
    return run


def _maybe(kind: type[AnyArtifact], path: Path) -> AnyArtifact | None:
    return artifacts.load(kind, path) if path.exists() else None


class _OfModel(Protocol):
    """An artifact that says which int8 model it is of."""

    @property
    def model_sha256(self) -> str: ...


_AnyOfModel = TypeVar("_AnyOfModel", bound=_OfModel)


def _of(sha256: str | None, found: _AnyOfModel | None) -> _AnyOfModel | None:
    """The artifact, unless it is of another model than `sha256`."""
    other = found is not None and sha256 is not None and found.model_sha256 != sha256
    return None if other else found
