"""`edgekit codegen`."""

from __future__ import annotations

from pathlib import Path

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit codegen person.tflite --runtime edgekit -o src/")
@options.model_argument("int8")
@options.output("The folder of the C sources.", required=True)
@options.runtime
@options.board(required=False)
@options.ram
@click.option(
    "--explain", is_flag=True, help="Say what each pass of the compiler did, and which kernels run."
)
@options.as_json
def command(
    int8: Path,
    output: Path,
    runtime: str,
    board: str | None,
    ram: int | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Compile INT8, a .tflite file, to C sources, without touching a board.

    With --board, refuse a model that is too large for it.
    """
    from edgekit.cli import console, explanation, summaries
    from edgekit.flows import codegen

    compiled = codegen.codegen(int8, output, runtime=runtime, board_id=board, ram_bytes=ram)
    if as_json:
        console.print_json(compiled)
    else:
        console.show(*summaries.compiled(compiled))
        if explain:
            console.show(*explanation.passes(compiled), *explanation.kernels(compiled))
