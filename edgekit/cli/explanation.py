"""What the passes of the compiler did to a model, and which kernels it chose, as rich tables."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from edgekit.artifacts import CompiledModel
from edgekit.cli.tables import table
from edgekit.units import format_bytes, format_count


def kernels(model: CompiledModel) -> Iterator[RenderableType]:
    """Which kernel each step calls, and why where a faster one could not be taken."""
    if model.runtime != "edgekit":
        return
    rows = table("Kernels", "#", "op", "kernel", "slower because")
    why = {layer.step: layer.why for layer in model.slow}
    for step in model.steps:
        names = ", ".join(dict.fromkeys(step.kernels))
        rows.add_row(str(step.index), step.op, names, Text(why.get(step.index, ""), "yellow"))
    yield rows


def passes(model: CompiledModel) -> Iterator[RenderableType]:
    """What each pass of the compiler left, and what all of them saved."""
    if not model.passes:
        yield Text(f"The {model.runtime} runtime runs the model as it is.", "dim")
        return
    rows = table("Passes", "after", "steps", "moving only", "bytes moved", "arena", "", right=0)
    for column in rows.columns[1:5]:
        column.justify = "right"
    for effect in model.passes:
        rows.add_row(
            effect.name,
            str(effect.steps),
            str(effect.moving_steps),
            format_count(effect.moved_bytes),
            format_bytes(effect.arena_bytes),
            Text(effect.summary, "dim"),
        )
    yield rows
    first, last = model.passes[0], model.passes[-1]
    yield Text(
        f"saved {first.steps - last.steps} steps, "
        f"{format_count(first.moved_bytes - last.moved_bytes)} bytes moved per inference, "
        f"{format_bytes(first.arena_bytes - last.arena_bytes)} of RAM"
    )
