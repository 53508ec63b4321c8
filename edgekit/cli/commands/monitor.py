"""`edgekit monitor`."""

from __future__ import annotations

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit monitor --board pico --send profile")
@options.board()
@options.port
@click.option(
    "--send",
    metavar="COMMAND",
    multiple=True,
    help="A text command to send first, such as name or profile; may be repeated.",
)
@click.option(
    "--seconds",
    metavar="S",
    type=options.FiniteRange(min=0),
    help="How long to listen; by default until Ctrl-C.",
)
@options.as_json
def command(
    board: str, port: str | None, send: tuple[str, ...], seconds: float | None, as_json: bool
) -> None:
    """Show what a board says on its serial line: text as it is, frames in words.

    With --json, one object per line of it. The port is held as long as the monitor runs.
    """
    import dataclasses
    import json

    from edgekit.flows import monitor

    for line in monitor.watch(board, port=port, send=send, seconds=seconds):
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(line)))
        else:
            mark = {"text": " ", "frame": "<", "noise": "?"}[line.kind]
            click.echo(f"{line.seconds:9.3f} {mark} {line.text}")
