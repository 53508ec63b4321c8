"""`edgekit bench`."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from edgekit.cli import options

_NOT_WITH_FRONTIER = ("port", "runs", "cores")
"""Each build runs once, on all cores of the emulated board."""


@click.command(epilog="Example: edgekit bench int8.tflite --board pico --emulate")
@options.model_argument(required=False)
@options.board()
@options.port
@options.emulate
@click.option("--runs", type=click.IntRange(min=1), default=10, show_default=True,
              help="How many inferences are timed.")  # fmt: skip
@click.option("--cores", "--threads", "cores", type=click.IntRange(min=1),
              help="On how many cores the model runs; by default all that its firmware uses, and"
                   " on a board that runs Linux each number up to 4.")  # fmt: skip
@click.option("--frontier", is_flag=True,
              help="Measure MODEL at several sizes of RAM, on the emulated board.")  # fmt: skip
@options.output("Where bench.json goes; by default beside the firmware.")
@options.as_json
def command(
    model: Path | None,
    board: str,
    port: str | None,
    emulate: bool,
    runs: int,
    cores: int | None,
    frontier: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Time inferences on a board: latency, cycles, profile per layer, RAM and stack.

    With MODEL, an int8 .tflite, the board has to run it: the emulated board is built for and
    flashed first; a real board that runs another model is refused.
    """
    from edgekit.cli import console, summaries
    from edgekit.flows import bench

    if frontier:
        _frontier(model, board, emulate=emulate, output=output, as_json=as_json)
        return
    with console.progress() as progress:
        found = bench.bench(
            model,
            board,
            port=port,
            emulate=emulate,
            runs=runs,
            cores=cores,
            output=output,
            progress=progress,
        )
    if as_json:
        console.print_json(found)
    else:
        console.show(*summaries.benchmark(found))


def _frontier(
    model: Path | None, board: str, *, emulate: bool, output: Path | None, as_json: bool
) -> None:
    from edgekit.cli import console, frontiers
    from edgekit.flows import frontier

    if model is None or not emulate:
        raise click.UsageError("--frontier takes MODEL and --emulate: it flashes many builds.")
    _refuse_with_frontier()
    with console.progress() as progress:
        found = frontier.frontier(model, board, output=output, progress=progress)
    if as_json:
        console.print_json(found)
    else:
        console.show(frontiers.frontier(found))


def _refuse_with_frontier() -> None:
    """Raises `UsageError` for options that would be without effect."""
    context = click.get_current_context()
    given = [
        f"--{name}"
        for name in _NOT_WITH_FRONTIER
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"--frontier takes no {' or '.join(given)}: it times one inference of each build, on"
            " all cores of the emulated board."
        )
