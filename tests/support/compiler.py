"""The host's C compiler, made as suspicious as it can be."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from edgekit import paths

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror")


@cache
def _command(gcc: str, zig: str) -> tuple[str, ...]:
    """gcc finds every access outside an array (guard bytes around each) and undefined behaviour;
    zig, where there is no gcc, traps on undefined behaviour only."""
    found = shutil.which(gcc)
    if found:
        return found, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"
    return sys.executable, "-m", "ziglang", zig, "-fsanitize=undefined"


def compile_c(sources: Sequence[Path], program: Path, *, include: Sequence[Path] = ()) -> Path:
    """Builds a C program, all warnings errors and all checks on; fails the test otherwise."""
    folders = (*include, paths.kernels_folder())
    return _compile([*_command("gcc", "cc"), "-std=c11"], sources, program, folders)


def compile_cpp(sources: Sequence[Path], program: Path, *, include: Sequence[Path] = ()) -> Path:
    """`compile_c` for C++."""
    return _compile([*_command("g++", "c++"), "-std=c++17"], sources, program, include)


def _compile(
    command: Sequence[str], sources: Sequence[Path], program: Path, include: Sequence[Path]
) -> Path:
    folders = [f"-I{folder}" for folder in include]
    done = subprocess.run(
        [*command, "-O1", "-g1", *WARNINGS, *folders, "-o", program, *sources],
        capture_output=True,
        text=True,
        timeout=600,  # the largest of the zoo, under sanitizers
    )
    assert done.returncode == 0, done.stderr
    return program
