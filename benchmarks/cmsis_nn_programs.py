"""CMSIS-NN on layers, a program for each core whose calls are counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import counted
from cmsis_nn_layers import Layer, pack, parts
from counted import HARNESS, INCLUDES, Job

from edgekit.artifacts import sha256
from edgekit.boards import Board
from edgekit.build.toolchain import Toolchain, find
from edgekit.errors import DataError, InputError
from edgekit.process import run_tool

# Those of TFLM's makefile for its own and others' kernels.
_FLAGS = ("-std=c17", "-funsigned-char", "-fomit-frame-pointer", "-fno-unwind-tables",
          "-ffunction-sections", "-fdata-sections")  # fmt: skip
_ZIG_FLAGS = ("-fno-sanitize=undefined",)
_LINK = ("-nostartfiles", "-Wl,--gc-sections")
_LEFT_OUT = ("_f16", "_f32")
_PART_BYTES = 256 << 10
"""Of layers in one image: with them and CMSIS-NN the smallest flash is not full."""


@dataclass(frozen=True)
class Library:
    """CMSIS-NN's sources, and a hash over them all."""

    include: Path
    sources: tuple[Path, ...]
    sha256: str

    @classmethod
    def of(cls, checkout: Path) -> Library:
        """All of a checkout but those for floats. Raises `InputError` when it is none."""
        top = checkout.resolve()
        include, found = top / "Include", sorted(top.glob("Source/**/*.c"))
        sources = tuple(path for path in found if not path.stem.endswith(_LEFT_OUT))
        if not sources or not (include / "arm_nnfunctions.h").exists():
            raise InputError(f"{checkout} is no checkout of CMSIS-NN: no Include/, no Source/")
        files = (*sorted(include.glob("**/*.h")), *sources)
        return cls(include, sources, sha256(b"".join(path.read_bytes() for path in files)))


class CmsisNn:
    """CMSIS-NN, compiled for a board. Everything is kept in `work`, a folder of its own."""

    def __init__(
        self, library: Library, board: Board, compiler: Literal["gcc", "zig"], work: Path
    ) -> None:
        self._board, self._work = board, work
        self._linker = _toolchain(board, "gcc")
        toolchain = self._toolchain = _toolchain(board, compiler)
        self.compiler, self.optimise = toolchain.version, _optimise(board)
        self.flags = (*toolchain.flags, self.optimise)
        counted.write_config(board, work)
        also = () if compiler == "gcc" else (_c_library(),)
        jobs = [Job(path, self.optimise, (library.include, *also)) for path in library.sources]
        calls = Job(HARNESS / "cmsis_nn.c", "-O2", (work, *INCLUDES, library.include, *also))
        self._objects = (
            *counted.compiled(jobs, toolchain, _folder(work / "library")),
            *counted.compiled([calls], toolchain, work),
            *counted.compiled(counted.harness_jobs(work), self._linker, _folder(work / "harness")),
        )

    def counts(self, layers: Sequence[Layer]) -> Iterator[int]:
        """Instructions of each layer. Raises `DataError` where it fails, or gives bytes
        that are not TFLM's."""
        for part in parts(layers, _PART_BYTES):
            (self._work / "layers.bin").write_bytes(pack(part))
            data = Job(HARNESS / "layers.S", "-O2", (self._work,))
            objects = (*self._objects, *counted.compiled([data], self._linker, self._work))
            flash = counted.flash_image(objects, self._linker, self._board, self._work)
            rows = counted.run(self._board, flash)
            for layer, (count, status, wrong) in zip(part, rows, strict=True):
                if status or wrong:
                    raise DataError(
                        f"CMSIS-NN on {self._board.core.id}, {layer.op} {layer.name!r}: status"
                        f" {status:#x}, {wrong} of {layer.fields['outputs']} bytes wrong"
                    )
                yield count


def _toolchain(board: Board, compiler: Literal["gcc", "zig"]) -> Toolchain:
    """A compiler with TFLM's flags; gcc links, as it brings a C library."""
    found = find(board.core, compiler)
    own = board.core.gcc if compiler == "gcc" else (*board.core.zig, *_ZIG_FLAGS)
    return replace(found, flags=(*own, *_FLAGS), link_flags=_LINK, libraries=())


def _optimise(board: Board) -> str:
    """What TFLM's makefile has; for vectors -O3, which is the faster there."""
    return "-O3" if board.kernels == "mve" else "-O2"


def _c_library() -> Path:
    """The headers of gcc's C library: zig has none for bare boards."""
    command = ("arm-none-eabi-gcc", "-M", "-xc", "-")
    found = run_tool(command, timeout_s=30, stdin=b"#include <string.h>\n").decode().split()
    return next(path for path in map(Path, found) if path.name == "string.h").parent


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
