"""What the passes of the compiler did to a model, and which kernels it chose, as rich tables."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from edgekit.artifacts import CompiledModel, PassEffect
from edgekit.cli.tables import table
from edgekit.ops.variants import is_portable
from edgekit.units import format_bytes, format_count


def kernels(model: CompiledModel) -> Iterator[RenderableType]:
    """Which kernel each step calls, whether that is one for any core, and why where a faster one
    could not be taken."""
    if model.runtime != "edgekit":
        return
    rows = table("Kernels", "#", "op", "kernel", "slower because")
    why = {layer.step: layer.why for layer in model.slow}
    for step in model.steps:
        names = ", ".join(_named(name, model) for name in dict.fromkeys(step.kernels))
        rows.add_row(str(step.index), step.op, names, Text(why.get(step.index, ""), "yellow"))
    yield rows


def _named(kernel: str, model: CompiledModel) -> str:
    return f"{kernel} (portable)" if model.kernels and is_portable(kernel) else kernel


def passes(model: CompiledModel) -> Iterator[RenderableType]:
    """What each pass of the compiler left, and what all of them saved."""
    if not model.passes:
        yield Text(f"The {model.runtime} runtime runs the model as it is.", "dim")
        return
    rows = table("Passes", "after", "steps", "moving only", "bytes moved", "arena", "what it does")
    for column in rows.columns[1:5]:
        column.justify = "right"
    for before, effect in zip((None, *model.passes), model.passes, strict=False):
        changed = before is None or _figures(before) != _figures(effect)
        rows.add_row(
            Text(effect.name, "" if changed else "dim"),
            *(Text(figure, "" if changed else "dim") for figure in _figures(effect)),
            Text(effect.summary, "dim"),
        )
    yield rows
    yield Text(_gain(model.passes[0], model.passes[-1]))


def _figures(effect: PassEffect) -> tuple[str, ...]:
    """Steps, steps that only move values, bytes that they move, and the arena."""
    return (
        str(effect.steps),
        str(effect.moving_steps),
        format_count(effect.moved_bytes),
        format_bytes(effect.arena_bytes),
    )


def _gain(first: PassEffect, last: PassEffect) -> str:
    """What all passes changed together, in words."""
    names = ("steps", "steps that only move values", "bytes moved per inference", "of RAM")
    said = [
        f"{before} → {after} {name}"
        for name, before, after in zip(names, _figures(first), _figures(last), strict=True)
        if before != after
    ]
    # Which is not that nothing was saved: arithmetic has no column.
    unchanged = "steps, bytes moved and RAM stay as they are"
    return f"all passes together: {', '.join(said) or unchanged}"
