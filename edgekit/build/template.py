"""Firmware sources: which files make up a board's firmware, and the two that are written for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import jinja2

from edgekit.artifacts import CompiledModel
from edgekit.boards import Board
from edgekit.build import benchmark_task, watchdog
from edgekit.errors import BoardError
from edgekit.paths import firmware_templates_folder

_LINKER_SCRIPT = "firmware.ld.j2"
"""One for all bare boards; a family's own, where it has one, comes first."""
_SOURCES = ("*.c", "*.S")
_ALSO = "also.txt"
"""In a family's folder: other folders that it takes along, one a line."""
# The linker gets this many times the memory, so that what is too large still links and can be
# measured: a linker names one region and stops, we name both with exact numbers.
_ROOM = 8
_CORE1_STACK_BYTES = 2048
"""Of what a board reserves: core 1 runs kernels only."""


@dataclass(frozen=True, slots=True)
class Template:
    """Sources and include folders of one family's firmware, without the model."""

    sources: tuple[Path, ...]
    includes: tuple[Path, ...]
    linker_script: Path


def load(board: Board) -> Template:
    """The template that a board names, joined with what all boards share.

    Raises `BoardError` for a board that we build no firmware for.
    """
    if board.template is None:
        raise BoardError(
            f"edgekit builds no firmware for {board.name}",
            hint=f"`edgekit codegen INT8 --board {board.id}` writes C for its maker's own tools.",
        )
    top = firmware_templates_folder()
    folders = (top / "common", top / "freestanding", *_lineage(top, board.template))
    sources = tuple(
        path for folder in folders for kind in _SOURCES for path in sorted(folder.glob(kind))
    )
    scripts = [folder / _LINKER_SCRIPT for folder in folders]
    return Template(sources, folders, [script for script in scripts if script.exists()][-1])


def _lineage(top: Path, template: str) -> tuple[Path, ...]:
    """The folders of ``cortex_m/rp2350``: what all of its kind share, what it takes along, its
    own."""
    parts = template.split("/")
    own = [top.joinpath(*parts[: depth + 1]) for depth in range(len(parts))]
    return (*own[:-1], *_taken_along(top, own[-1]), own[-1])


def _taken_along(top: Path, family: Path) -> list[Path]:
    also = family / _ALSO
    lines = also.read_text(encoding="utf-8").splitlines() if also.exists() else []
    return [top / line for line in lines if line and not line.startswith("#")]


def linker_script(template: Template, board: Board) -> str:
    """The linker script with the board's addresses and sizes."""
    memory = board.memory
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    source = environment.from_string(template.linker_script.read_text(encoding="utf-8"))
    return source.render(
        flash=memory.flash,
        ram=memory.ram,
        flash_room=memory.flash.size_bytes * _ROOM,
        ram_room=memory.ram.size_bytes * _ROOM,
        core1_stack_bytes=_CORE1_STACK_BYTES if board.cpu.cores > 1 else 0,
    )


def config_header(compiled: CompiledModel, board: Board, compiler: str) -> str:
    """`ek_config.h`: what the C sources must know of board, compiler and model."""
    values = {
        "EK_BOARD": json.dumps(board.id),
        "EK_CORE": json.dumps(board.core.id),
        "EK_COMPILER": json.dumps(compiler),
        "EK_RUNTIME": json.dumps(compiled.runtime),
        "EK_CLOCK_HZ": f"{board.cpu.clock_hz}U",
        "EK_BAUD": f"{board.link.baud}U",
        "EK_MAX_STEPS": f"{max(1, len(compiled.steps))}U",
        **benchmark_task.defines(compiled),
        **watchdog.defines(compiled, board),
        **{f"EK_REG_{name.upper()}": f"0x{at:x}U" for name, at in board.registers.items()},
    }
    lines = [f"#define {name} {value}" for name, value in values.items()]
    return "\n".join(["#ifndef EK_CONFIG_H", "#define EK_CONFIG_H", *lines, "#endif", ""])
