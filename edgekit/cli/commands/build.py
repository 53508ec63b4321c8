"""`edgekit build`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgekit.cli import options

if TYPE_CHECKING:  # `--help` must not load the compilers' module
    from edgekit.build.toolchain import Compiler


@click.command(epilog="Example: edgekit build person.tflite --board pico")
@options.model_argument("source")
@options.board()
@options.output("The folder of firmware.elf, .uf2, .bin and .json; by default build/<board>.")
@options.ram
@options.compiler
@options.as_json
def command(
    source: Path,
    board: str,
    output: Path | None,
    ram: int | None,
    compiler: Compiler,
    as_json: bool,
) -> None:
    """Build firmware from SOURCE: an int8 .tflite file, or a folder that codegen wrote.

    Prints a size table; refuses what does not fit, and says by how much.
    """
    from edgekit.cli import console, summaries
    from edgekit.flows import build

    made = build.build(source, board, output, compiler=compiler, ram_bytes=ram)
    if as_json:
        console.print_json(made)
    else:
        console.show(*summaries.firmware(made))
