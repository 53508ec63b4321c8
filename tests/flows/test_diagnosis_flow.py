"""A model that is quantized with a report, and judged by its diagnosis afterwards."""

from __future__ import annotations

from pathlib import Path

from support import classifier

from edgekit import artifacts
from edgekit.artifacts import Diagnosis
from edgekit.flows.check import check
from edgekit.flows.quantize import quantize


def test_the_diagnosis_goes_beside_the_record_and_into_the_page(tmp_path: Path) -> None:
    files = classifier.write(tmp_path)
    page, int8 = tmp_path / "page", tmp_path / "out" / "int8.tflite"
    record = quantize(files.float_model, files.data, int8, preprocess="raw01", report_folder=page)
    found = artifacts.load(Diagnosis, page / "diagnosis.json")
    assert found.model_sha256 == record.output_sha256
    assert "Where the accuracy goes" in (page / "report.html").read_text()
    assert not (int8.parent / "diagnosis.json").exists()
    judged = check(int8, float_model=files.float_model, images=files.data)
    assert judged.diagnosis is not None
    assert abs(judged.diagnosis.output_sqnr_db - found.output_sqnr_db) < 3  # on other images
    worse = check(int8, diagnosis=found, thresholds=["output_sqnr_error=150"])
    assert [one.rule for one in worse.findings if one.severity == "error"] == ["output_error"]
