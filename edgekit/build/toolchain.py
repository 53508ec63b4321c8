"""C compilers, arm-none-eabi-gcc and zig, which pip installs; each core says which comes first."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from edgekit.boards import Core
from edgekit.errors import MissingToolError
from edgekit.paths import cache_folder
from edgekit.process import host_compiler as host_compiler
from edgekit.process import run_tool

Compiler = Literal["auto", "gcc", "zig"]

_GCC = "arm-none-eabi-gcc"
_ZIG = (sys.executable, "-m", "ziglang", "cc")
_INSTALL_ZIG = "pip install 'edgekit[zig]'"
_INSTALL_GCC = "apt install gcc-arm-none-eabi"
# The first use of zig for a core compiles its run-time library, and both cores may be busy.
_COMPILE_TIMEOUT_S = 300.0

_STANDARD = ("-std=c11", "-Wall", "-Wextra", "-Wconversion")
_SECTIONS = ("-ffunction-sections", "-fdata-sections", "-fno-common")
# zig compiles with the undefined-behaviour sanitizer unless told otherwise.
_ZIG_FLAGS = ("-ffreestanding", "-fno-builtin", "-fno-sanitize=undefined")
_GCC_FLAGS = ("-ffreestanding", "-fno-builtin")
# zig without -nostdlib: that would drop its run-time library, which has 64-bit arithmetic.
_ZIG_LINK = ("-Wl,--gc-sections", "-Wl,--entry=Reset_Handler")
_GCC_LINK = ("-nostdlib", "-Wl,--gc-sections", "-Wl,--entry=Reset_Handler")
_GCC_LIBRARIES = ("-lgcc",)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A compiler for one core.

    `version` is its name and version in at most 32 characters, `flags` what every translation
    unit gets (no paths: they go into records).
    """

    kind: Literal["gcc", "zig"]
    command: tuple[str, ...]
    version: str
    flags: tuple[str, ...]
    link_flags: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    kernels: Literal["-O2", "-O3"] = "-O2"
    """How far it optimises a model's kernels; -Os costs half their speed on small cores."""

    def compile(
        self, source: Path, target: Path, *, optimise: str, includes: tuple[Path, ...]
    ) -> None:
        """Compiles one C or assembly file to an object.

        `optimise` is ``-O2``, ``-O3`` or ``-Os``. Raises `ToolError` with what the compiler
        printed.
        """
        folders = [f"-I{folder}" for folder in includes]
        # Paths of this machine do not belong into an image, nor into its debug information.
        mapped = [f"-ffile-prefix-map={folder}=." for folder in includes]
        self._run(*self.flags, optimise, *folders, *mapped, "-c", str(source), "-o", str(target))

    def link(self, objects: tuple[Path, ...], script: Path, target: Path) -> None:
        """Links objects by a linker script. Raises `ToolError` with what the linker printed."""
        inputs = [str(path) for path in objects]
        self._run(
            *self.flags,
            *self.link_flags,
            f"-T{script}",
            *inputs,
            *self.libraries,
            "-o",
            str(target),
        )

    def _run(self, *arguments: str) -> None:
        run_tool(
            [*self.command, *arguments],
            timeout_s=_COMPILE_TIMEOUT_S,
            env={**os.environ, **self.environment},
        )


def find(core: Core, compiler: Compiler = "auto") -> Toolchain:
    """The compiler for a core: the one asked for, or with ``auto`` the first of the core's.

    Raises `MissingToolError`, with the command that installs it, when there is none.
    """
    for kind in core.compilers:
        if compiler in ("auto", kind) and _is_there(kind):
            return _gcc(core) if kind == "gcc" else _zig(core)
    wanted = {"gcc": _GCC, "zig": "ziglang", "auto": "a C compiler for Arm"}[compiler]
    hint = {"gcc": _INSTALL_GCC, "zig": _INSTALL_ZIG}.get(
        compiler, f"{_INSTALL_ZIG}   (or: {_INSTALL_GCC})"
    )
    raise MissingToolError(f"{wanted} is not installed", hint=hint)


def _is_there(kind: Literal["gcc", "zig"]) -> bool:
    return _has_zig() if kind == "zig" else shutil.which(_GCC) is not None


def zig_environment() -> dict[str, str]:
    """Where zig keeps what it compiles once; never in the user's project."""
    folder = str(cache_folder() / "zig")
    return {"ZIG_GLOBAL_CACHE_DIR": folder, "ZIG_LOCAL_CACHE_DIR": folder}


def _has_zig() -> bool:
    return importlib.util.find_spec("ziglang") is not None


def _gcc(core: Core) -> Toolchain:
    version = run_tool([_GCC, "-dumpfullversion"], timeout_s=30).decode().strip()
    return Toolchain(
        kind="gcc",
        command=(_GCC,),
        version=f"{_GCC} {version}"[:32],
        flags=(*core.gcc, *_STANDARD, *_GCC_FLAGS, *_SECTIONS),
        link_flags=_GCC_LINK,
        libraries=_GCC_LIBRARIES,
        kernels=core.gcc_kernels,
    )


def _zig(core: Core) -> Toolchain:
    return Toolchain(
        kind="zig",
        command=_ZIG,
        version=f"zig cc {importlib.metadata.version('ziglang')}"[:32],
        flags=(*core.zig, *_STANDARD, *_ZIG_FLAGS, *_SECTIONS),
        link_flags=_ZIG_LINK,
        environment=zig_environment(),
    )
