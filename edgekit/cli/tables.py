"""Artifacts as rich tables: what a person reads in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgekit.flows.doctor import Diagnosis


def table(title: str, *columns: str, right: int = 0) -> Table:
    """An empty table in the house's look; the last `right` columns are numbers."""
    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for number, column in enumerate(columns):
        align_right = number >= len(columns) - right
        made.add_column(column, justify="right" if align_right else "left", overflow="fold")
    return made


def diagnosis(found: Diagnosis) -> Iterator[RenderableType]:
    """What is there, and how to get what is not."""
    made = table(found.platform, "", "what", "for", "version or place, or how to get it")
    for item in found.items:
        mark = Text("✓", "green") if item.found else Text("✗" if item.needed else "–", "yellow")
        made.add_row(mark, item.name, item.purpose, item.found or item.install)
    yield made
