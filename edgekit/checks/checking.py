"""All rules over one model, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable

from edgekit.artifacts import Checked, Finding, Preprocessing
from edgekit.boards import Board
from edgekit.checks import clamp_rules, rules
from edgekit.checks.fit import Needs, fit
from edgekit.checks.rules import Rule
from edgekit.checks.subject import Subject
from edgekit.errors import ModelError
from edgekit.runtimes import tflm

RULES: tuple[Rule, ...] = (
    rules.int8_interface,
    rules.full_int8,
    rules.static_shape,
    rules.unsupported,
    rules.input_scaling,
    clamp_rules.relu6_standalone,
    clamp_rules.relu6_range,
    clamp_rules.relu6_reached,
)
_SEVERITIES = ("error", "warning", "info")


def check(
    model: bytes,
    *,
    name: str = "model",
    board: Board | None = None,
    runtime: str = "edgekit",
    preprocessing: Preprocessing | None = None,
    more: Iterable[Finding] = (),
) -> Checked:
    """Runs every rule; `more` are findings from elsewhere, as of `compare`.

    `ram_bytes` is the arena and `flash_bytes` the constants (for TFLM the file): what the model
    takes at least, without the program around it. Raises `ModelError` for a corrupt file.
    """
    subject = Subject(model, name, runtime=runtime, board=board, preprocessing=preprocessing)
    findings = [finding for rule in RULES for finding in rule(subject)]
    needs, refusals = _needs(subject, broken=any(f.severity == "error" for f in findings))
    findings += [*refusals, *more]
    fits = None
    if board is not None and needs is not None:
        problems = list(fit(name, needs, board))
        findings += problems
        fits = not problems
    return Checked(
        ok=not any(finding.severity == "error" for finding in findings),
        findings=tuple(sorted(findings, key=lambda found: _SEVERITIES.index(found.severity))),
        runtime=runtime,
        board=board.id if board else None,
        ram_bytes=needs.ram_bytes if needs else None,
        flash_bytes=needs.flash_bytes if needs else None,
        fits=fits,
    )


def _needs(subject: Subject, *, broken: bool) -> tuple[Needs | None, list[Finding]]:
    """Arena and constants; None when the runtime cannot run the model, or is not here."""
    if subject.runtime == "edgekit":
        return _edgekit_needs(subject), []
    if broken:
        return None, []
    return _tflm_needs(subject)


def _edgekit_needs(subject: Subject) -> Needs | None:
    if subject.plan is None:
        return None
    steps = subject.plan.steps
    constants = sum(found.values.nbytes for step in steps for found in step.constants)
    return Needs(subject.plan.arena_bytes, constants)


def _tflm_needs(subject: Subject) -> tuple[Needs | None, list[Finding]]:
    if not tflm.available():
        finding = Finding(
            rule="tflm_arena",
            severity="info",
            where=subject.name,
            message="tflite-micro is not installed, so the arena's size is not known",
            hint="pip install 'edgekit[tflm]'",
        )
        return None, [finding]
    try:
        arena = tflm.arena_bytes(subject.data)
    except ModelError as error:
        lines = error.message.splitlines()
        finding = Finding(
            rule="tflm_refuses", severity="error", where=subject.name,
            message=" ".join(line.strip() for line in (lines[0], *lines[-1:])), hint=error.hint,
        )  # fmt: skip
        return None, [finding]
    return Needs(arena, len(subject.data)), []
