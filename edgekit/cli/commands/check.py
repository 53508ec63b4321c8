"""`edgekit check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgekit.cli import options

if TYPE_CHECKING:  # `--help` must not load the records' module
    from edgekit.artifacts import Resize
    from edgekit.checks import Severity


@click.command(epilog="Example: edgekit check int8.tflite --board pico --sarif check.sarif")
@options.model_argument("int8")
@click.option("--float", "float_model", metavar="MODEL", type=options.INPUT_FILE,
              help="The float model, to compare with; needs --data.")  # fmt: skip
@options.data(required=False)
@options.preprocess
@options.resize
@options.board(required=False)
@options.runtime
@click.option("--threshold", "thresholds", metavar="NAME=VALUE", multiple=True,
              help="Judge otherwise, as agreement_warning=0.95; docs/checks.md lists all. "
              "May be repeated.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), default="error",
              show_default=True, help="The mildest finding that fails the check.")  # fmt: skip
@click.option("--sarif", metavar="FILE", type=options.INPUT_FILE,
              help="Write the findings as SARIF 2.1.0, for code scanners.")  # fmt: skip
@click.option("--junit", metavar="FILE", type=options.INPUT_FILE,
              help="Write the rules as JUnit XML, for CI services.")  # fmt: skip
@click.option("--report", metavar="DIR", type=options.INPUT_FILE,
              help="Write check.json, diagnosis.json and an HTML page there.")  # fmt: skip
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    int8: Path,
    float_model: Path | None,
    data: Path | None,
    preprocess: str | None,
    resize: Resize | None,
    board: str | None,
    runtime: str,
    thresholds: tuple[str, ...],
    fail_on: Severity,
    sarif: Path | None,
    junit: Path | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Check INT8: ops, full int8, ReLU6 clamps, input scaling, RAM and flash of a board.

    With --float and --data also whether both models say the same, and which layers cost int8 its
    accuracy, and why. Exits 1 when a check fails.
    """
    from edgekit.cli import console, summaries
    from edgekit.flows import check

    with console.progress() as progress:
        verdict = check.check(
            int8,
            float_model=float_model,
            images=data,
            preprocess=preprocess,
            resize=resize,
            board_id=board,
            runtime=runtime,
            thresholds=thresholds,
            fail_on=fail_on,
            outputs=check.Outputs(sarif=sarif, junit=junit, folder=report),
            progress=progress,
        )
    if as_json:
        console.print_json(verdict)
    else:
        console.show(*summaries.checked(verdict))
    ctx.exit(0 if verdict.ok else 1)
