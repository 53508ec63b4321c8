"""Firmware for a board: compile, link, measure, refuse what does not fit, write the images."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edgekit import artifacts
from edgekit.artifacts import CompiledModel, Firmware
from edgekit.boards import Board, uf2
from edgekit.build import image, template
from edgekit.build.image import Image
from edgekit.build.toolchain import Compiler, Toolchain, find
from edgekit.errors import DoesNotFitError, InputError
from edgekit.paths import kernels_folder
from edgekit.units import format_bytes

_APPLICATION = "-Os"


def build(
    compiled: CompiledModel,
    sources: Path,
    board: Board,
    out: Path,
    *,
    compiler: Compiler = "auto",
) -> Firmware:
    """Builds the firmware of one model for one board; `sources` holds the model's C.

    Writes ``firmware.elf``, ``.bin``, ``.json`` and, for boards flashed that way, ``.uf2`` into
    `out`. Raises `DoesNotFitError` with what each memory lacks, `MissingToolError` without a
    compiler, `ToolError` when compiling fails, `BoardError` for a board without a template.
    """
    files = template.load(board)
    _check_runtime(compiled)
    _check_core(compiled, board)
    _refuse(compiled, board, compiled.weights_bytes, compiled.arena_bytes, "at least ")
    toolchain = find(board.core, compiler)
    with tempfile.TemporaryDirectory(prefix="edgekit-build-") as folder:
        elf = _link(compiled, sources, board, files, toolchain, Path(folder))
    linked = image.read(elf, board.memory)
    _refuse(compiled, board, len(linked.flash), linked.ram_bytes, "")
    return _write(compiled, board, toolchain, linked, out)


def _check_runtime(compiled: CompiledModel) -> None:
    if compiled.runtime != "edgekit":
        raise InputError(
            f"{compiled.name} was generated for the {compiled.runtime} runtime,"
            " which edgekit builds no firmware for",
            hint="Generate it with `--runtime edgekit`, or build it in your own TFLM project.",
        )


def _check_core(compiled: CompiledModel, board: Board) -> None:
    if compiled.kernels not in ("", board.core.kernels, board.kernels):
        raise InputError(
            f"{compiled.name} was generated for cores with {compiled.kernels}, which the"
            f" {board.core.name} of {board.id} has not",
            hint=f"Generate it again: edgekit codegen int8.tflite --board {board.id}",
        )


def _link(
    compiled: CompiledModel,
    sources: Path,
    board: Board,
    files: template.Template,
    toolchain: Toolchain,
    work: Path,
) -> bytes:
    header = template.config_header(compiled, board, toolchain.version)
    (work / "ek_config.h").write_text(header, encoding="utf-8")
    script = work / "firmware.ld"
    script.write_text(template.linker_script(files, board), encoding="utf-8")
    model = [sources / name for name in compiled.sources if name.endswith(".c")]
    jobs = [(path, toolchain.kernels) for path in model] + [
        (path, _APPLICATION) for path in files.sources
    ]
    objects = _compile(jobs, toolchain, work, (work, sources, kernels_folder(), *files.includes))
    toolchain.link(objects, script, work / "firmware.elf")
    return (work / "firmware.elf").read_bytes()


def _compile(
    jobs: list[tuple[Path, str]], toolchain: Toolchain, work: Path, includes: tuple[Path, ...]
) -> tuple[Path, ...]:
    # Numbered, because a model's file may be called like one of ours.
    objects = [work / f"{number}-{source.stem}.o" for number, (source, _) in enumerate(jobs)]

    def compile_one(job: tuple[Path, str], target: Path) -> None:
        toolchain.compile(job[0], target, optimise=job[1], includes=includes)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, jobs, objects))
    return tuple(objects)


def _refuse(
    compiled: CompiledModel, board: Board, flash_bytes: int, ram_bytes: int, bound: str
) -> None:
    """Raises `DoesNotFitError`, for both memories at once, when one is too small."""
    flash, ram = board.memory.flash, board.memory.ram
    problems = []
    if flash_bytes > flash.size_bytes:
        problems.append(
            f"flash: needs {bound}{format_bytes(flash_bytes)}, {board.id} has"
            f" {format_bytes(flash.size_bytes)}: {format_bytes(flash_bytes - flash.size_bytes)}"
            f" too much ({format_bytes(compiled.weights_bytes)} of it weights)"
        )
    if ram_bytes > ram.available_bytes:
        problems.append(
            f"RAM: needs {bound}{format_bytes(ram_bytes)}, {board.id} has"
            f" {format_bytes(ram.available_bytes)} beside the stack of {ram.reserve}:"
            f" {format_bytes(ram_bytes - ram.available_bytes)} too much"
            f" ({format_bytes(compiled.arena_bytes)} of it the arena)"
        )
    if problems:
        raise DoesNotFitError(
            "\n  ".join([f"{compiled.name} does not fit on {board.name}", *problems]),
            hint="A smaller width (alpha) saves flash, a smaller input resolution saves RAM.",
        )


def _slow(compiled: CompiledModel, board: Board) -> tuple[str, ...]:
    """A line for each layer that has no fast kernel; one for all where none has."""
    if compiled.kernels:
        return tuple(layer.line for layer in compiled.slow)
    if board.kernels:
        return (
            f"all layers: portable C, as the sources were generated without --board {board.id}",
        )
    return (f"all layers: portable C, there are no kernels for the {board.core.name}",)


def _write(
    compiled: CompiledModel, board: Board, toolchain: Toolchain, linked: Image, out: Path
) -> Firmware:
    artifacts.write_bytes(out / "firmware.elf", linked.elf)
    artifacts.write_bytes(out / "firmware.bin", linked.flash)
    family = board.flash.family
    if family is not None:
        blocks = uf2.encode(linked.flash, base=board.memory.flash.base, family=family)
        artifacts.write_bytes(out / "firmware.uf2", blocks)
    firmware = Firmware(
        board=board.id,
        runtime=compiled.runtime,
        model_name=compiled.name,
        model_sha256=compiled.model_sha256,
        compiler=toolchain.version,
        flags=(*toolchain.flags, toolchain.kernels),
        elf="firmware.elf",
        uf2=None if family is None else "firmware.uf2",
        bin="firmware.bin",
        image_sha256=artifacts.sha256(linked.flash),
        flash_bytes=len(linked.flash),
        flash_available_bytes=board.memory.flash.size_bytes,
        ram_bytes=linked.ram_bytes,
        ram_available_bytes=board.memory.ram.available_bytes,
        stack_reserved_bytes=linked.stack_bytes,
        sections=linked.sections,
        slow=_slow(compiled, board),
        portable=compiled.portable_line,
    )
    artifacts.save(firmware, out / "firmware.json")
    return firmware
