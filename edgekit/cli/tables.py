"""Lists as rich tables: boards, the zoo, what is installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgekit.boards import Board
from edgekit.flows.detect import Seen
from edgekit.flows.doctor import Diagnosis
from edgekit.flows.emulators import Emulator
from edgekit.units import format_bytes, format_count, format_grouped


def table(title: str, *columns: str, right: int = 0) -> Table:
    """An empty table in the house's look; the last `right` columns are numbers."""
    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for number, column in enumerate(columns):
        align_right = number >= len(columns) - right
        made.add_column(column, justify="right" if align_right else "left", overflow="fold")
    return made


def pairs(title: str, rows: Mapping[str, str]) -> Table:
    """Names and values, without a head."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False)
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    for name, value in rows.items():
        made.add_row(name, Text(value))
    return made


def lines(word: str, found: Iterable[str], style: str = "yellow") -> Iterator[RenderableType]:
    """Sentences, each after a word that says what it is."""
    return (Text.assemble((f"{word} ", style), line) for line in found)


def diagnosis(found: Diagnosis) -> Iterator[RenderableType]:
    """What is there, and how to get what is not."""
    made = table(found.platform, "", "what", "for", "version or place, or how to get it")
    for item in found.items:
        mark = Text("✓", "green") if item.found else Text("✗" if item.needed else "–", "yellow")
        made.add_row(mark, item.name, item.purpose, Text(item.found or item.install))
    yield made


def all_boards(found: Sequence[Board]) -> Iterator[RenderableType]:
    """One row per board."""
    made = table("Boards", "id", "name", "core", "emulated by", "clock", "flash", "RAM", right=3)
    for board in found:
        made.add_row(
            board.id,
            board.name,
            board.core.name,
            board.emulator.engine if board.emulator else "–",
            f"{format_count(board.cpu.clock_hz)}Hz",
            board.memory.flash.size,
            board.memory.ram.size,
        )
    yield made


def one_board(board: Board) -> Iterator[RenderableType]:
    """All that is known of a board."""
    memory = board.memory
    rows = {
        "id": board.id,
        "source": board.source,
        "core": f"{board.cpu.cores} × {board.core.name} at {format_count(board.cpu.clock_hz)}Hz",
        "flash": f"{memory.flash.size} at 0x{memory.flash.base:08x}, by {board.flash.method}",
        "RAM": f"{memory.ram.size} at 0x{memory.ram.base:08x}, {memory.ram.reserve} for the stack",
        "link": f"{board.link.kind} at {board.link.baud} baud. {board.link.wiring}".strip(),
        "emulator": board.emulator.engine if board.emulator else "none",
    }
    yield pairs(board.name, rows)


def detected(found: Sequence[Seen]) -> Iterator[RenderableType]:
    """One row per thing that is plugged in."""
    if not found:
        yield Text("no serial port on USB and no UF2 drive: is the cable one for data?", "dim")
        return
    made = table("Plugged in", "what", "place", "says of itself", "serial number", "may be")
    for one in found:
        may_be = ", ".join(one.boards) or "any board with a serial adapter"
        made.add_row(one.what, Text(one.place), one.description, one.serial_number, may_be)
    yield made


def emulators(found: Sequence[Emulator]) -> Iterator[RenderableType]:
    """One row per running emulator."""
    if not found:
        yield Text("no emulator runs", "dim")
        return
    made = table("Emulators", "board", "port", "process")
    for one in found:
        made.add_row(one.board, Text(one.port), str(one.pid))
    yield made


def zoo(entries: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    """Every variant; what the paper says stands beside what we count."""
    made = table(
        "Model zoo: what we count, and the papers' figures for ImageNet", "name", "variant",
        "params", "paper", "MACs", "paper", "flash KiB", "RAM KiB", "top-1", right=7,
    )  # fmt: skip
    for previous, entry in zip((None, *entries), entries, strict=False):
        if previous and previous["name"] != entry["name"]:
            made.add_section()
        paper = entry["paper"]
        made.add_row(
            entry["name"],
            _variant(entry["variant"]),
            format_count(entry["params"]),
            _stated(paper, "params"),
            format_count(entry["macs"]),
            _stated(paper, "macs"),
            format_grouped(entry["int8_bytes"] / 1024),
            format_grouped(entry["ram_bytes"] / 1024),
            f"{paper['top1']:.1f} %" if paper["top1"] else "–",
        )
    yield made
    yield Text(_ZOO_LEGEND, "dim")


def _stated(paper: Mapping[str, Any], key: str) -> str:
    """The paper's figure, with a star where it is another one for a reason that is known."""
    return f"{paper[key] or '–'}{'*' if paper[f'{key}_note'] else ''}"


_ZOO_LEGEND = """\
flash  weights and biases of the int8 model
RAM    largest working set of the int8 model as it is converted; the arena that edgekit codegen
       plans is up to 2 % larger, or up to 29 % smaller where a pass finds something to save
top-1  the paper's, in float: the zoo holds no trained weights
*      other than we count, and known why: `edgekit zoo list --json` has it under "paper"
Every variant can have other metaparameters: edgekit zoo build NAME --help"""


def zoo_model(
    name: str, variant: Mapping[str, object], output: Path, counts: Mapping[str, int]
) -> Iterator[RenderableType]:
    """A model that was just built."""
    rows = {
        "parameters": format_count(counts["params"]),
        "MACs": format_count(counts["macs"]),
        "int8 weights": format_bytes(counts["int8_bytes"]),
        "activations": format_bytes(counts["ram_bytes"]),
        "written to": str(output),
    }
    yield pairs(f"{name} {_variant(variant)}".strip(), rows)


def _variant(metaparameters: Mapping[str, object]) -> str:
    return " ".join(f"{key}={value}" for key, value in metaparameters.items())
