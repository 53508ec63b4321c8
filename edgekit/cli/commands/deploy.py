"""`edgekit deploy`."""

from __future__ import annotations

from pathlib import Path

import click

from edgekit.cli import options


@click.command(
    epilog="Example: edgekit deploy person.h5 --data photos/ --preprocess raw01 "
    "--board pico --emulate"
)
@options.model_argument()
@options.data()
@options.board()
@options.port
@options.emulate
@options.preprocess
@options.resize
@options.calibration
@options.seed
@options.fix
@options.ram
@click.option("--runs", type=click.IntRange(min=1), default=10, show_default=True,
              help="How many inferences are timed.")  # fmt: skip
@options.max_drop
@options.device_samples
@options.output("The folder of all results; by default build/<model>.")
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    /,
    model: Path,
    data: Path,
    board: str,
    output: Path | None,
    as_json: bool,
    **given: object,
) -> None:
    """Do everything in one go: quantize, check, compile, build, flash, benchmark, validate, report.

    Exits 1 when a check fails, the model does not fit, or a limit is passed.
    """
    import msgspec

    from edgekit.cli import console, summaries
    from edgekit.flows import deploy

    wanted = msgspec.convert(given, deploy.Options)
    with console.progress() as progress:
        done = deploy.deploy(model, data, board, wanted, output=output, progress=progress)
    if as_json:
        console.print_json(done)
    else:
        console.show(*summaries.deployed(done))
    ctx.exit(0 if done.validate.ok else 1)
