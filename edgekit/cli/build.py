"""`edgekit build`."""

from __future__ import annotations

from pathlib import Path

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit build person.tflite --board pico")
@options.model_argument("source")
@options.board()
@options.output("The folder of firmware.elf, .uf2, .bin and .json; by default build/<board>.")
@options.as_json
def command(source: Path, board: str, output: Path | None, as_json: bool) -> None:
    """Build firmware from SOURCE: an int8 .tflite file, or a folder that codegen wrote.

    Prints a size table; refuses what does not fit, and says by how much.
    """
    from edgekit.cli import console, summaries
    from edgekit.flows import build

    made = build.build(source, board, output)
    if as_json:
        console.print_json(made)
    else:
        console.show(*summaries.firmware(made))
