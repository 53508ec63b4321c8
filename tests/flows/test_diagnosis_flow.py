"""A model that is quantized with a report, and judged by its diagnosis afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import classifier

from edgekit import artifacts
from edgekit.artifacts import Diagnosis
from edgekit.flows.check import check
from edgekit.flows.quantize import quantize
from edgekit.frontends import FloatModel


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


def test_answers_are_held_against_the_float_model_as_it_was_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, int8 = classifier.write(tmp_path), tmp_path / "out" / "int8.tflite"
    quantize(files.float_model, files.data, int8, preprocess="raw01")

    def mend(model: FloatModel, *_: object) -> bool:
        answer = model.predict
        model.predict = lambda x: -answer(x)  # type: ignore[method-assign]
        return True

    monkeypatch.setattr("edgekit.flows.evidence.mend_as_quantized", mend)
    judged = check(int8, float_model=files.float_model, images=files.data)
    assert "agreement" in [one.rule for one in judged.findings]
