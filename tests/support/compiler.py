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
def _command() -> tuple[str, ...]:
    """gcc finds every access outside an array (guard bytes around each) and undefined behaviour;
    zig, where there is no gcc, traps on undefined behaviour only."""
    found = shutil.which("gcc")
    if found:
        checks = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
        return found, *checks
    return sys.executable, "-m", "ziglang", "cc", "-fsanitize=undefined"


def compile_c(sources: Sequence[Path], program: Path, *, include: Sequence[Path] = ()) -> Path:
    """Builds a program with all warnings as errors and all checks on; fails the test otherwise."""
    folders = [f"-I{folder}" for folder in (*include, paths.kernels_folder())]
    done = subprocess.run(
        [*_command(), "-std=c11", "-O1", "-g", *WARNINGS, *folders, "-o", program, *sources],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return program
