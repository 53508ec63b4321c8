"""How int8 models of one folder were made: `quantize.json` is of the last one, and those before it
have theirs in `NAME.quantize.json` beside `NAME.tflite`."""

from __future__ import annotations

from pathlib import Path

from edgekit.artifacts.files import load, save, sha256
from edgekit.artifacts.model import Quantized
from edgekit.errors import InputError

QUANTIZE_JSON = "quantize.json"


def record_places(int8: Path) -> tuple[Path, Path]:
    """Where the record of an int8 model may lie: the folder's, and its own."""
    return int8.with_name(QUANTIZE_JSON), int8.with_name(f"{int8.stem}.{QUANTIZE_JSON}")


def save_beside(record: Quantized, int8: Path) -> None:
    """Writes `quantize.json` beside a model; what it said of another model there is kept."""
    place, own = record_places(int8)
    other = _of_another(place, int8)
    if other is not None:
        save(other, record_places(int8.with_name(Path(other.output).name))[1])
    save(record, place)
    own.unlink(missing_ok=True)  # of a model that had this name before


def _of_another(place: Path, int8: Path) -> Quantized | None:
    """The record there, if it is of another file that still lies beside `int8`."""
    try:
        found = load(Quantized, place)
    except InputError:  # none, or one that nobody can read: nothing to keep
        return None
    file = int8.with_name(Path(found.output).name)
    if file.name == int8.name or not file.is_file():
        return None
    return found if sha256(file.read_bytes()) == found.output_sha256 else None
