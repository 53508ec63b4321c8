"""Programs that we run: always with a time limit, never through a shell."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from edgekit.errors import MissingToolError, ToolError


def run_tool(
    command: Sequence[str],
    *,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> bytes:
    """What a program writes to its standard output.

    Raises `MissingToolError` when there is no such program, and `ToolError`, with the command and
    its stderr, when it fails or takes longer than `timeout_s`.
    """
    try:
        done = subprocess.run(
            list(command), input=stdin, capture_output=True, timeout=timeout_s, env=env
        )
    except FileNotFoundError:
        raise MissingToolError(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise ToolError(
            f"{command[0]} took longer than {timeout_s:.0f} s", command=command
        ) from None
    if done.returncode != 0:
        raise ToolError(
            f"{command[0]} failed with exit code {done.returncode}",
            command=command,
            stderr=done.stderr.decode(errors="replace"),
        )
    return done.stdout


def host_compiler() -> tuple[str, ...]:
    """The command of a C compiler for this machine: cc, else zig's.

    Raises `MissingToolError` when there is neither.
    """
    system = shutil.which("cc")
    if system:
        return (system,)
    if importlib.util.find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "cc")
    raise MissingToolError(
        "a C compiler for this machine is not installed", hint="pip install 'edgekit[zig]'"
    )
