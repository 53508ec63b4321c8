"""A verdict as SARIF 2.1.0, the format in which code scanners of CI services take findings.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from edgekit import __version__
from edgekit.artifacts import Checked, Finding, sha256

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif(verdict: Checked, model: Path, descriptions: Mapping[str, str]) -> str:
    """The findings as one SARIF run over the file `model`; `descriptions` say what rules want."""
    rules = {name: number for number, name in enumerate(verdict.rules)}
    run = {
        "tool": {
            "driver": {
                "name": "edgekit",
                "semanticVersion": __version__,
                "rules": [_rule(name, descriptions.get(name, "")) for name in rules],
            }
        },
        "artifacts": [{"location": {"uri": _uri(model)}, "roles": ["analysisTarget"]}],
        "results": [_result(finding, rules, model) for finding in verdict.findings],
        "invocations": [{"executionSuccessful": True, "exitCode": 0 if verdict.ok else 1}],
        "columnKind": "utf16CodeUnits",
        "properties": {"ok": verdict.ok, "thresholds": dict(verdict.thresholds)},
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(name: str, description: str) -> dict[str, Any]:
    first = description.split("\n\n")[0].replace("\n", " ") or name
    return {
        "id": name,
        "shortDescription": {"text": first},
        "fullDescription": {"text": " ".join(description.split()) or name},
    }


def _result(finding: Finding, rules: Mapping[str, int], model: Path) -> dict[str, Any]:
    text = finding.message + (f" {finding.hint}" if finding.hint else "")
    # A model has no lines; code scanners want one, and show nothing of a finding without.
    place = {"artifactLocation": {"uri": _uri(model), "index": 0}, "region": {"startLine": 1}}
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.where}: {text}"},
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [{"fullyQualifiedName": finding.where, "kind": "member"}],
            }
        ],
        "partialFingerprints": {"place/v1": sha256(f"{finding.rule}\0{finding.where}".encode())},
    }


def _uri(model: Path) -> str:
    """Relative to where edgekit runs when the file lies there: so CI finds it in its checkout."""
    whole = model.resolve()
    here = Path.cwd()
    if whole.is_relative_to(here):
        return quote(whole.relative_to(here).as_posix())
    return whole.as_uri()
