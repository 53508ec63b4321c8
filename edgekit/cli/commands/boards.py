"""`edgekit boards`."""

from __future__ import annotations

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit boards pico")
@click.argument("board_id", metavar="[ID]", required=False)
@click.option("--detect", is_flag=True, help="Say what is plugged in, and which boards it may be.")
@options.as_json
def command(board_id: str | None, detect: bool, as_json: bool) -> None:
    """List the boards, show one, or find those that are plugged in.

    What is plugged in is known by USB ids and drives; nothing is sent to it.
    """
    from edgekit import boards
    from edgekit.cli import console, tables

    if detect:
        from edgekit.flows import detect as detection

        seen = detection.detect()
        if as_json:
            console.print_json(seen)
        else:
            console.show(*tables.detected(seen))
        return
    if board_id is not None:
        board = boards.load(board_id)
        if as_json:
            console.print_json(board)
        else:
            console.show(*tables.one_board(board))
        return
    found = [boards.load(name) for name in boards.identifiers()]
    if as_json:
        console.print_json(found)
    else:
        console.show(*tables.all_boards(found))
