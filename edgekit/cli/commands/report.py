"""`edgekit report`."""

from __future__ import annotations

from pathlib import Path

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit report build/person")
@click.argument("folder", metavar="DIR", type=options.INPUT_FILE)
@options.as_json
def command(folder: Path, as_json: bool) -> None:
    """Write one self-contained HTML page from the results in DIR."""
    from edgekit import report
    from edgekit.cli import console

    path = report.render(folder)
    if as_json:
        console.print_json({"report": str(path)})
    else:
        click.echo(path)
