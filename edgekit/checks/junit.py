"""A verdict as JUnit XML, which every CI service shows as tests: one per rule.

There is no standard; these are the elements that Jenkins, GitLab and GitHub's actions all read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from edgekit.artifacts import Checked, Finding

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def junit(verdict: Checked, model: str) -> str:
    """One test per rule that was applied; it fails when a finding of it fails the check.

    Other findings stand in the test's output.
    """
    cases = [_case(verdict, model, rule) for rule in verdict.rules]
    failures = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    suites = ElementTree.Element("testsuites", {"name": "edgekit check", **counts})
    named = {"name": _clean(model), "skipped": "0", **counts}
    suite = ElementTree.SubElement(suites, "testsuite", named)
    suite.extend(cases)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(verdict: Checked, model: str, rule: str) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=rule, classname=_clean(model))
    found = [finding for finding in verdict.findings if finding.rule == rule]
    failing = [finding for finding in found if _fails(finding, verdict)]
    if failing:
        failure = ElementTree.SubElement(
            case, "failure", type=failing[0].severity, message=_clean(failing[0].message)
        )
        failure.text = _lines(failing)
    rest = [finding for finding in found if finding not in failing]
    if rest:
        ElementTree.SubElement(case, "system-out").text = _lines(rest)
    return case


def _fails(finding: Finding, verdict: Checked) -> bool:
    order = ("error", "warning", "info")
    return order.index(finding.severity) <= order.index(verdict.fail_on)


def _lines(findings: Sequence[Finding]) -> str:
    return _clean(
        "\n".join(
            f"{finding.severity}: {finding.where}: {finding.message} {finding.hint}".rstrip()
            for finding in findings
        )
    )


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
