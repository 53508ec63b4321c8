"""`edgekit doctor`."""

from __future__ import annotations

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit doctor")
@options.as_json
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say what is installed and what is missing, with the command that installs it.

    Exits 1 when something that every command needs is missing.
    """
    from edgekit.cli import console, tables
    from edgekit.flows import doctor

    diagnosis = doctor.diagnose()
    if as_json:
        console.print_json(diagnosis)
    else:
        console.show(*tables.diagnosis(diagnosis))
    ctx.exit(0 if diagnosis.ok else 1)
