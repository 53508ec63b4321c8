"""`edgekit emulator`."""

from __future__ import annotations

from typing import Literal

import click

from edgekit.cli import options

LinkKind = Literal["tcp", "pty", "usb"]

_link = click.option(
    "--link", type=click.Choice(["tcp", "pty", "usb"]),
    help="What its serial port is on this machine: tcp or pty lead to its UART, usb is a pty at "
    "its USB socket. Default: usb where it has one, else tcp.",
)  # fmt: skip


@click.group(cls=options.Commands)
def command() -> None:
    """Emulated boards that stay running, with a port that serial programs can open."""


@command.command(epilog="Example: edgekit emulator start pico")
@click.argument("board", required=False)
@click.option("--board", "named", metavar="ID", help="The same as BOARD.")
@_link
@options.as_json
def start(board: str | None, named: str | None, link: LinkKind | None, as_json: bool) -> None:
    """Start an emulated BOARD in the background and print its port, and its drive if it has one.

    It runs what `edgekit flash --emulate` last wrote; with nothing in its flash it waits in its
    bootloader. Then the drive is a folder with INFO_UF2.TXT, and a UF2 file copied there is flashed
    and started. A pty that is opened at 1200 baud leads into the bootloader again.
    """
    from edgekit.cli import console
    from edgekit.flows import emulators

    chosen = board or named
    if chosen is None or (board and named):
        raise click.UsageError("name one board: edgekit emulator start pico")
    found = emulators.start(chosen, link)
    if as_json:
        console.print_json(found)
    else:
        click.echo(found.port)
        if found.drive is not None:
            click.echo(found.drive)


@command.command(epilog="Example: edgekit emulator stop pico")
@click.argument("which", metavar="[BOARD|PORT|all]", required=False)
@options.as_json
def stop(which: str | None, as_json: bool) -> None:
    """Stop emulators: those of a board, the one at a port, or the only one."""
    from edgekit.cli import console
    from edgekit.flows import emulators

    stopped = emulators.stop(which)
    if as_json:
        console.print_json(stopped)
    else:
        for one in stopped:
            click.echo(f"stopped {one.board} at {one.port}")


@command.command("list", epilog="Example: edgekit emulator list")
@options.as_json
def list_(as_json: bool) -> None:
    """List the emulators that run."""
    from edgekit.cli import console, tables
    from edgekit.flows import emulators

    found = emulators.running()
    if as_json:
        console.print_json(found)
    else:
        console.show(*tables.emulators(found))


@command.command(hidden=True, epilog="Example: edgekit emulator serve pico")
@click.argument("board")
@_link
@options.as_json
def serve(board: str, link: LinkKind | None, as_json: bool) -> None:
    """Run an emulated BOARD in the foreground until Ctrl-C; `start` runs this."""
    from edgekit.cli import console
    from edgekit.flows import emulators

    def ready(found: emulators.Emulator) -> None:
        if as_json:
            console.print_json(found)
        else:
            click.echo(found.port)

    emulators.serve(board, link, ready)
