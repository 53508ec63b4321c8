"""Records of several int8 models in one folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from support import artifacts as made

from edgekit import artifacts
from edgekit.artifacts import Quantized
from edgekit.flows.records import record_of


def quantized(folder: Path, name: str, model: bytes) -> Quantized:
    """A model and its record, as `quantize` leaves them."""
    (folder / name).write_bytes(model)
    record = msgspec.structs.replace(
        made.quantized(), output=f"elsewhere/{name}", output_sha256=artifacts.sha256(model)
    )
    artifacts.save_beside(record, folder / name)
    return record


def test_each_of_several_models_keeps_its_record(tmp_path: Path) -> None:
    records = [quantized(tmp_path, f"{name}.tflite", name.encode()) for name in "abc"]
    assert [record_of(tmp_path / f"{name}.tflite") for name in "abc"] == records
    assert artifacts.load(Quantized, tmp_path / "quantize.json") == records[-1]
    again = quantized(tmp_path, "a.tflite", b"other")
    assert record_of(tmp_path / "a.tflite") == again
    assert not (tmp_path / "a.quantize.json").exists()
    assert record_of(tmp_path / "c.tflite") == records[-1]


def test_a_folder_of_one_model_has_one_record(tmp_path: Path) -> None:
    for model in (b"one", b"two"):
        record = quantized(tmp_path, "int8.tflite", model)
    assert record_of(tmp_path / "int8.tflite") == record
    assert sorted(path.name for path in tmp_path.iterdir()) == ["int8.tflite", "quantize.json"]


@pytest.mark.parametrize("gone", [True, False])
def test_a_record_of_what_is_not_there_any_more_is_not_kept(tmp_path: Path, gone: bool) -> None:
    quantized(tmp_path, "a.tflite", b"a")
    if gone:
        (tmp_path / "a.tflite").unlink()
    else:
        (tmp_path / "quantize.json").write_text("no JSON")
    record = quantized(tmp_path, "b.tflite", b"b")
    assert record_of(tmp_path / "b.tflite") == record
    assert not (tmp_path / "a.quantize.json").exists()
