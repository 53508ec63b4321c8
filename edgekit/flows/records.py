"""What lies beside an int8 model: how it was made, and so how its data are to be prepared."""

from __future__ import annotations

from pathlib import Path

import msgspec

from edgekit import artifacts, data
from edgekit.artifacts import Preprocessing, Quantized, Resize, Trained
from edgekit.errors import DataError, ModelError

Made = Quantized | Trained
"""What says how images become a model's input."""

_MOST_MODEL_BYTES = 1 << 30  # far more than any board has flash


def read_model(path: Path) -> bytes:
    """The bytes of a model file. Raises `ModelError` when it cannot be read."""
    try:
        return artifacts.read_bytes(path, most_bytes=_MOST_MODEL_BYTES)
    except OSError as error:
        raise ModelError(
            f"cannot read {path}: {error.strerror}", hint="Give the path of a .tflite file."
        ) from None


def record_of(int8: Path) -> Quantized | None:
    """The record of a model's making beside it; None when there is none, or it is another's."""
    found = [path for path in artifacts.record_places(int8) if path.exists()]
    sha256 = artifacts.sha256(read_model(int8)) if found else ""
    made = (artifacts.load(Quantized, path) for path in found)
    return next((record for record in made if record.output_sha256 == sha256), None)


def why_unrecorded(int8: Path) -> str:
    """Why it is not known which images calibrated a model that has no record, and what to do."""
    place, _ = artifacts.record_places(int8)
    if not place.exists():
        return "no quantize.json beside the int8 model tells which images calibrated it"
    other = artifacts.load(Quantized, place)
    return (
        f"quantize.json beside {int8.name} is of another model (sha256 "
        f"{other.output_sha256[:12]}…, written to {other.output}), so it is not known "
        "which images calibrated this one: quantize it again, or put its own record there"
    )


def model_name(int8: Path) -> str:
    """What people call the model: the float model's name when that is known, else the file's."""
    record = record_of(int8)
    return Path(record.model).stem if record else int8.stem


def preprocessing_for(
    name: str | None, record: Made | None = None, noted: Preprocessing | None = None
) -> Preprocessing:
    """The preprocessing that was asked for, else the recorded one.

    `noted` is what the model file itself says; a record beside it says the same.

    Raises `DataError` when neither is known, or when the two disagree.
    """
    recorded = record.preprocessing if record else noted
    if name is None:
        if recorded is None:
            raise DataError(
                "how pixels become the model's input is not known",
                hint="Say how it was trained: --preprocess raw01 for x/255, tf for -1..1, "
                "torch, caffe, cifar, raw255, lite, or custom:SCALE:MEAN:STD.",
            )
        return recorded
    asked = data.preprocess(name)
    if recorded is None:
        return asked
    if asked != msgspec.structs.replace(recorded, pixels=True):
        raise DataError(
            f"the model was {_made(record)} with preprocessing "
            f"{data.describe(recorded)}, not {data.describe(asked)}",
            hint=f"Leave --preprocess away, or have the model {_made(record)} again.",
        )
    return recorded


def resize_for(asked: Resize | None, record: Made | None = None) -> Resize | None:
    """How images are made to fit: as asked, else as recorded; None when neither says.

    Raises `DataError` when the two disagree.
    """
    recorded = record.resize if record else None
    if asked is not None and recorded is not None and asked != recorded:
        raise DataError(
            f"the model was {_made(record)} with --resize {recorded}, not {asked}",
            hint=f"Leave --resize away, or have the model {_made(record)} again.",
        )
    return asked or recorded


def _made(record: Made | None) -> str:
    return "trained" if isinstance(record, Trained) else "quantized"
