"""`edgekit check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgekit.cli import options

if TYPE_CHECKING:  # `--help` must not load the records' module
    from edgekit.artifacts import Resize


@click.command(epilog="Example: edgekit check int8.tflite --board pico")
@options.model_argument("int8")
@click.option("--float", "float_model", metavar="MODEL", type=options.INPUT_FILE,
              help="The float model, to compare with; needs --data.")  # fmt: skip
@options.data(required=False)
@options.preprocess
@options.resize
@options.board(required=False)
@options.runtime
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
    as_json: bool,
) -> None:
    """Check INT8: ops, full int8, ReLU6 clamps, input scaling, RAM and flash of a board.

    Exits 1 when a check fails.
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
            progress=progress,
        )
    if as_json:
        console.print_json(verdict)
    else:
        console.show(*summaries.checked(verdict))
    ctx.exit(0 if verdict.ok else 1)
