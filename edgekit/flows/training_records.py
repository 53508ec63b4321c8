"""What lies beside a float model that edgekit trained."""

from __future__ import annotations

from pathlib import Path

from edgekit import artifacts
from edgekit.artifacts import Trained


def training_record_path(model: Path) -> Path:
    """Where the record of a model's training lies: `m.training.json` for `m.keras`."""
    return model.with_suffix(".training.json")


def training_record_of(model: Path) -> Trained | None:
    """The record of a model's training; None when there is none, or it is another model's."""
    path = training_record_path(model)
    if not model.is_file() or not path.exists():
        return None
    record = artifacts.load(Trained, path)
    return record if record.output_sha256 == artifacts.sha256(model.read_bytes()) else None
