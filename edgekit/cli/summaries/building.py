"""Generated sources, and the firmware made of them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from edgekit.artifacts import CompiledModel, Firmware
from edgekit.cli.tables import lines, pairs, table
from edgekit.units import format_bytes, format_count


def compiled(model: CompiledModel) -> Iterator[RenderableType]:
    """Generated sources and their figures."""
    bound = "the smallest for these steps" if _optimal(model) else "lower bound "
    if not _optimal(model):
        bound += format_bytes(model.arena_lower_bound_bytes)
    rows = {
        "runtime": model.runtime,
        "MACs": format_count(model.macs),
        "weights": format_bytes(model.weights_bytes),
        "arena": f"{format_bytes(model.arena_bytes)}, {bound}"
        if model.runtime == "edgekit"
        else format_bytes(model.arena_bytes),
        "files": ", ".join(model.sources),
    }
    if model.runtime == "edgekit" and not model.kernels:
        rows["kernels"] = (
            "portable C, for any core; with --board those of its core, where it has any"
        )
    yield pairs(f"Compiled {model.name}", rows)
    yield from lines("slower", (layer.line for layer in model.slow))
    yield from _portable(model.portable_line)


def firmware(made: Firmware) -> Iterator[RenderableType]:
    """The size table against the board's memories."""
    sizes = table(f"Firmware for {made.board}", "", "used", "of", "", right=3)
    for name, used, room in (
        ("flash", made.flash_bytes, made.flash_available_bytes),
        ("RAM", made.ram_bytes, made.ram_available_bytes),
    ):
        sizes.add_row(name, format_bytes(used), format_bytes(room), f"{100 * used / room:.1f} %")
    sizes.add_row("stack", "", format_bytes(made.stack_reserved_bytes), "reserved")
    yield sizes
    yield from lines("slower", made.slow)
    yield from _portable(made.portable)
    yield Text(f"{made.compiler}  {' '.join(made.flags)}", "dim")


def _portable(line: str) -> Iterator[RenderableType]:
    return lines("portable C", [line] if line else [], "dim")


def _optimal(model: CompiledModel) -> bool:
    return model.arena_bytes == model.arena_lower_bound_bytes
