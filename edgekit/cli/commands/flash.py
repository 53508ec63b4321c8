"""`edgekit flash`."""

from __future__ import annotations

from pathlib import Path

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit flash --board pico --emulate")
@click.argument("firmware", type=options.INPUT_FILE, required=False)
@options.board()
@options.port
@options.emulate
@click.option(
    "--drive",
    metavar="PATH",
    type=options.INPUT_FILE,
    help="The bootloader's drive; needed only when several boards wait.",
)
@click.option(
    "--serial",
    metavar="NUMBER",
    help="The serial number of the board or of its debug probe, when several are plugged in.",
)
@click.option(
    "--method",
    metavar="NAME",
    help="uf2, pyocd, openocd, picotool, st_flash, esptool; by default the board's first one that "
    "is installed.",
)
@options.as_json
def command(
    firmware: Path | None,
    board: str,
    port: str | None,
    emulate: bool,
    drive: Path | None,
    serial: str | None,
    method: str | None,
    as_json: bool,
) -> None:
    """Put FIRMWARE on the board, verify it, and restart the board.

    FIRMWARE is a .uf2 file, on a board that takes none the .bin, or a folder with it; without it,
    the last build for that board. With --port, a board that runs our firmware is sent to its
    bootloader, no button pressed.
    """
    from edgekit.cli import console
    from edgekit.flows import emulators, flash
    from edgekit.units import format_bytes

    with console.progress() as progress:
        done = flash.flash(
            firmware,
            board,
            port=port,
            emulate=emulate,
            drive=drive,
            serial=serial,
            method=method,
            progress=progress,
        )
    if as_json:
        console.print_json(done)
    else:
        size = format_bytes(done.image_bytes)
        click.echo(f"{board}: {size} written to {done.place}, {done.checked}")
        for other in emulators.running() if emulate else ():
            if other.board == board:
                click.echo(f"{other.port} runs what was there before, until it is reset")
