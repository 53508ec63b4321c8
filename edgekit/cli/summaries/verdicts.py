"""What `check` found."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from edgekit.artifacts import Checked
from edgekit.cli.summaries.diagnosis import diagnosed
from edgekit.units import format_bytes

_SEVERITIES = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def checked(verdict: Checked) -> Iterator[RenderableType]:
    """The diagnosis where there is one, findings, then the verdict."""
    if verdict.diagnosis is not None:
        yield from diagnosed(verdict.diagnosis)
    for finding in verdict.findings:
        yield Text.assemble(
            (finding.severity, _SEVERITIES[finding.severity]),
            (f" {finding.rule}", "bold"),
            f" {finding.where}: {finding.message}",
            (f". {finding.hint}" if finding.hint else "", "dim"),
        )
    words = Text("passed" if verdict.ok else "failed", "green" if verdict.ok else "bold red")
    line = Text.assemble(("Check ", "bold"), words)
    if verdict.fits is not None:
        line.append(f", {'fits' if verdict.fits else 'does not fit'} {verdict.board}")
    if verdict.ram_bytes is not None:
        line.append(f"; RAM {format_bytes(verdict.ram_bytes)}")
    if verdict.flash_bytes is not None:
        line.append(f"; flash {format_bytes(verdict.flash_bytes)}")
    yield line
