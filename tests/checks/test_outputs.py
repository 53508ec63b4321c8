"""The verdict in the formats of CI services: SARIF by its specification's structure, JUnit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from edgekit import checks
from edgekit.artifacts import Checked, Finding
from edgekit.checks.junit import junit
from edgekit.checks.sarif import sarif


class Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A part of SARIF 2.1.0, section 3 of the specification, with the fields that it allows."""


class Message(Strict):
    text: str


class Rule(Strict):
    id: str
    shortDescription: Message  # noqa: N815 - SARIF's names
    fullDescription: Message  # noqa: N815


class Driver(Strict):
    name: str
    semanticVersion: str  # noqa: N815
    rules: list[Rule]


class Tool(Strict):
    driver: Driver


class ArtifactLocation(Strict):
    uri: str
    index: int = -1


class Region(Strict):
    startLine: int  # noqa: N815


class PhysicalLocation(Strict):
    artifactLocation: ArtifactLocation  # noqa: N815
    region: Region


class LogicalLocation(Strict):
    fullyQualifiedName: str  # noqa: N815
    kind: str


class Location(Strict):
    physicalLocation: PhysicalLocation  # noqa: N815
    logicalLocations: list[LogicalLocation]  # noqa: N815


class Result(Strict):
    ruleId: str  # noqa: N815
    ruleIndex: int  # noqa: N815
    level: str
    message: Message
    locations: list[Location]
    partialFingerprints: dict[str, str]  # noqa: N815


class Artifact(Strict):
    location: ArtifactLocation
    roles: list[str]


class Invocation(Strict):
    executionSuccessful: bool  # noqa: N815
    exitCode: int  # noqa: N815


class Run(Strict):
    tool: Tool
    results: list[Result]
    artifacts: list[Artifact]
    invocations: list[Invocation]
    columnKind: str  # noqa: N815
    properties: dict[str, Any]


class Log(Strict):
    schema: str = msgspec.field(name="$schema")
    version: str
    runs: list[Run]


NASTY = 'a<b>&"\x00\x1b[1m; é\ud83d'  # what a tensor's name may hold


def verdict(*findings: Finding, fail_on: str = "error") -> Checked:
    failing = ("error", "warning", "info")[: ("error", "warning", "info").index(fail_on) + 1]
    return Checked(
        ok=not any(found.severity in failing for found in findings),
        findings=findings, runtime="edgekit", board=None, ram_bytes=1, flash_bytes=1, fits=None,
        rules=("int8_interface", "clipping", "agreement"), thresholds={"clipped": 0.01},
        fail_on=fail_on,
    )  # fmt: skip


def finding(rule: str, severity: str, where: str = "CONV_2D #3 (a)") -> Finding:
    return Finding(rule=rule, severity=severity, where=where, message="is wrong", hint="Mend it.")


ALL = (
    finding("agreement", "error"),
    finding("clipping", "warning"),
    finding("clipping", "warning", "ADD #4 (b)"),
    finding("int8_interface", "info"),
)


def parsed(text: str) -> Run:
    log = msgspec.json.decode(text.encode(), type=Log)
    assert log.version == "2.1.0"
    assert "sarif-2.1.0" in log.schema
    (run,) = log.runs
    return run


def test_sarif_has_the_structure_of_its_specification(tmp_path: Path) -> None:
    run = parsed(sarif(verdict(*ALL), tmp_path / "m.tflite", checks.DESCRIPTIONS))
    assert [rule.id for rule in run.tool.driver.rules] == list(verdict().rules)
    for result in run.results:
        assert run.tool.driver.rules[result.ruleIndex].id == result.ruleId
    assert [result.level for result in run.results] == ["error", "warning", "warning", "note"]
    assert run.results[0].message.text == "CONV_2D #3 (a): is wrong Mend it."
    assert run.invocations[0].exitCode == 1
    assert run.tool.driver.rules[1].shortDescription.text.startswith("No layer has many values")


def test_sarif_fingerprints_tell_places_apart_and_stay(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    first, second = (parsed(sarif(verdict(*ALL), path, {})) for _ in range(2))
    prints = [result.partialFingerprints["place/v1"] for result in first.results]
    assert len(set(prints)) == len(ALL)
    assert prints == [result.partialFingerprints["place/v1"] for result in second.results]


def test_sarif_names_the_model_as_a_checkout_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = parsed(sarif(verdict(*ALL), Path("models/a b.tflite"), {}))
    assert run.artifacts[0].location.uri == "models/a%20b.tflite"
    assert (
        parsed(sarif(verdict(), Path("/elsewhere/m.tflite"), {}))
        .artifacts[0]
        .location.uri.startswith("file:///")
    )


def test_sarif_of_a_clean_model_has_no_results(tmp_path: Path) -> None:
    run = parsed(sarif(verdict(), tmp_path / "m.tflite", {}))
    assert run.results == []
    assert run.invocations[0].exitCode == 0


def test_junit_has_one_test_per_rule() -> None:
    root = ElementTree.fromstring(junit(verdict(*ALL), "m.tflite").encode())
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "1")
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert list(cases) == ["int8_interface", "clipping", "agreement"]
    failure = cases["agreement"].find("failure")
    assert failure is not None
    assert failure.get("message") == "is wrong"
    assert failure.text == "error: CONV_2D #3 (a): is wrong Mend it."
    assert cases["clipping"].find("failure") is None
    assert cases["clipping"].findtext("system-out", "").count("warning:") == 2


def test_junit_fails_what_fails_the_check() -> None:
    strict = verdict(*ALL, fail_on="warning")
    root = ElementTree.fromstring(junit(strict, "m.tflite").encode())
    assert root.get("failures") == "2"
    assert not strict.ok


def test_names_that_xml_cannot_hold_do_not_break_it(tmp_path: Path) -> None:
    strange = verdict(finding("clipping", "error", NASTY[:-1]))
    root = ElementTree.fromstring(junit(strange, NASTY).encode())
    failure = root.find(".//failure")
    assert failure is not None
    assert 'a<b>&"??[1m; é' in (failure.text or "")
    assert json.loads(sarif(strange, tmp_path / "m", {}))["runs"][0]["results"]
