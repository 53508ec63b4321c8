"""`edgekit demo`."""

from __future__ import annotations

from pathlib import Path

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit demo")
@options.output("The folder of all results; by default build/digits.")
@options.as_json
@click.pass_context
def command(ctx: click.Context, output: Path | None, as_json: bool) -> None:
    """Do the main job on the embedded example, on the emulated Pico, end to end.

    MobileNetV1 on handwritten digits: quantize, check, compile, build, flash, benchmark, validate.
    """
    from edgekit.cli import console, summaries
    from edgekit.flows import demo

    with console.progress() as progress:
        done = demo.demo(output=output, progress=progress)
    if as_json:
        console.print_json(done)
    else:
        console.show(*summaries.deployed(done))
    ctx.exit(0 if done.validate.ok else 1)
