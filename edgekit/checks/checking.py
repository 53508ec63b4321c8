"""All rules over one model, and the verdict."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from edgekit.artifacts import Checked, Diagnosis, Finding, Preprocessing
from edgekit.boards import Board
from edgekit.checks import clamp_rules, dynamic, layer_rules, rules, tflm_rules
from edgekit.checks.fit import Needs, fit
from edgekit.checks.rules import Rule
from edgekit.checks.subject import Answers, Subject
from edgekit.checks.thresholds import Thresholds

_OF_THE_FILE: tuple[Rule, ...] = (
    rules.int8_interface,
    rules.full_int8,
    rules.static_shape,
    rules.unsupported,
)
_STATIC: tuple[Rule, ...] = (
    *_OF_THE_FILE,
    rules.input_scaling,
    clamp_rules.relu6_standalone,
    clamp_rules.relu6_range,
    clamp_rules.relu6_reached,
)
_OF_TFLM: tuple[Rule, ...] = (tflm_rules.tflm_arena, tflm_rules.tflm_refuses)
_OF_ANSWERS: tuple[Rule, ...] = (dynamic.agreement, dynamic.stuck)
_OF_LAYERS: tuple[Rule, ...] = (
    layer_rules.output_error,
    layer_rules.layer_error,
    layer_rules.channel_ranges,
    layer_rules.clipping,
    layer_rules.dead_channels,
)
RULES = (*_STATIC, *_OF_TFLM, *_OF_ANSWERS, *_OF_LAYERS)
DESCRIPTIONS: Mapping[str, str] = {
    function.__name__: inspect.getdoc(function) or "" for function in (*RULES, fit)
}
"""What each rule wants, by name."""

Severity = Literal["error", "warning", "info"]
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


def check(
    model: bytes,
    *,
    name: str = "model",
    board: Board | None = None,
    runtime: str = "edgekit",
    preprocessing: Preprocessing | None = None,
    answers: Answers | None = None,
    diagnosis: Diagnosis | None = None,
    thresholds: Thresholds | None = None,
    fail_on: Severity = "error",
    more: Iterable[Finding] = (),
) -> Checked:
    """Runs every rule for which there is something to look at; `more` are findings from elsewhere.

    Findings of `fail_on` or worse fail the check. `ram_bytes` is the arena and `flash_bytes` the
    constants (for TFLM the file): what the model takes at least, without the program around it.
    Raises `ModelError` for a corrupt file.
    """
    subject = Subject(
        model, name, runtime=runtime, board=board, preprocessing=preprocessing,
        answers=answers, diagnosis=diagnosis, thresholds=thresholds,
    )  # fmt: skip
    ran, findings = _run(subject)
    needs = None if _broken(subject, findings) else _needs(subject)
    fits = None
    if board is not None and needs is not None:
        problems = list(fit(name, needs, board))
        findings += problems
        ran.append(fit.__name__)
        fits = not problems
    findings += more
    failing = _SEVERITIES[: _SEVERITIES.index(fail_on) + 1]
    return Checked(
        ok=not any(finding.severity in failing for finding in findings),
        findings=tuple(sorted(findings, key=lambda found: _SEVERITIES.index(found.severity))),
        runtime=runtime,
        board=board.id if board else None,
        ram_bytes=needs.ram_bytes if needs else None,
        flash_bytes=needs.flash_bytes if needs else None,
        fits=fits,
        rules=tuple(dict.fromkeys([*ran, *(finding.rule for finding in findings)])),
        thresholds=subject.thresholds.as_dict(),
        fail_on=fail_on,
        diagnosis=diagnosis,
    )


def _run(subject: Subject) -> tuple[list[str], list[Finding]]:
    """The rules that had something to look at, and what they found."""
    ran: list[str] = []
    findings: list[Finding] = []
    for rule in _applicable(subject, findings):
        ran.append(rule.__name__)
        findings += rule(subject)
    return ran, findings


def _applicable(subject: Subject, findings: list[Finding]) -> Iterator[Rule]:
    yield from _STATIC
    if subject.runtime == "tflm" and not _broken(subject, findings):
        yield from _OF_TFLM
    if subject.answers is not None:
        yield from _OF_ANSWERS
    if subject.diagnosis is not None:
        yield from _OF_LAYERS


def _broken(subject: Subject, findings: list[Finding]) -> bool:
    """Whether TFLM need not be asked: it would refuse, or crash on, what the file's rules found."""
    rules = {rule.__name__ for rule in _OF_THE_FILE}
    wrong = any(found.severity == "error" and found.rule in rules for found in findings)
    return subject.runtime == "tflm" and wrong


def _needs(subject: Subject) -> Needs | None:
    """Arena and constants; None when the runtime cannot run the model, or is not here."""
    if subject.runtime == "tflm":
        arena = subject.tflm_arena
        return Needs(arena, len(subject.data)) if isinstance(arena, int) else None
    if subject.plan is None:
        return None
    steps = subject.plan.steps
    constants = sum(found.values.nbytes for step in steps for found in step.constants)
    return Needs(subject.plan.arena_bytes, constants)
