"""What a command shows: one JSON object or rich tables on stdout, progress on stderr."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from edgekit.flows.progress import Progress, silent

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table


def print_json(value: Any) -> None:
    """One JSON value on stdout: an artifact, or plain lists and dictionaries of them."""
    import msgspec

    # Bytes, for JSON is UTF-8 wherever the terminal's words are not.
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def show(*parts: RenderableType) -> None:
    """Tables and lines on stdout, no number cut or folded: a narrow terminal wraps the lines."""
    from rich.table import Table

    console = stdout()
    for part in parts:
        if isinstance(part, Table):
            _keep_numbers(part)
        console.print(part, crop=False)


def _keep_numbers(table: Table) -> None:
    """Makes columns of numbers at least as wide as they are; half of a number is another one."""
    from rich.cells import cell_len

    for column in table.columns:
        if column.justify == "right":
            column.min_width = max((cell_len(str(cell)) for cell in column._cells), default=0)


def stdout() -> Console:
    """A console that breaks no paths and colours no numbers by itself.

    Piped output gets 120 columns, so that a table in a log is whole.
    """
    from rich.console import Console

    width = None if sys.stdout.isatty() else 120
    return Console(highlight=False, soft_wrap=False, width=width)


@contextlib.contextmanager
def progress() -> Iterator[Progress]:
    """A callback that draws bars on stderr; silent when stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    with _bars() as callback:
        yield callback


@contextlib.contextmanager
def _bars() -> Iterator[Progress]:
    """One bar per stage, made when the stage is first heard of; that ends the one before."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    name, count = TextColumn("{task.description:<28}"), TextColumn("{task.fields[count]}")
    shown = Console(stderr=True)
    times = TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn()
    with Bars(name, BarColumn(), *times, count, console=shown, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def callback(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for earlier in tasks.values():
                    bars.update(earlier, total=1, completed=1, count="")
                tasks[stage] = bars.add_task(stage, total=None, count="")
            if total > 1:  # a stage of one step has nothing to count: its bar just moves
                bars.update(tasks[stage], completed=done, total=total, count=f"{done}/{total}")

        yield callback
