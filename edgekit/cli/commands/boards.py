"""`edgekit boards`."""

from __future__ import annotations

import click

from edgekit.cli import options


@click.command(epilog="Example: edgekit boards pico")
@click.argument("board_id", metavar="[ID]", required=False)
@options.as_json
def command(board_id: str | None, as_json: bool) -> None:
    """List the boards, or show one."""
    from edgekit import boards
    from edgekit.cli import console, tables

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
