"""Generated C as a program of this machine: inputs in, outputs out, and what each step makes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from edgekit.artifacts import CompiledModel
from edgekit.build.toolchain import zig_environment
from edgekit.errors import ToolError
from edgekit.paths import firmware_templates_folder
from edgekit.process import host_compiler, run_tool

_FLAGS = ("-std=c11", "-O2", "-fno-sanitize=undefined", "-w")
_BUILD_TIMEOUT_S = 600.0
_START_S = 20.0
_MACS_PER_S = 2e7
"""Far fewer than the slowest machine of a developer manages."""


@dataclass(frozen=True, slots=True)
class Filter:
    """The program, and what it was compiled from."""

    program: Path
    compiled: CompiledModel

    def outputs(self, x: bytes) -> bytes:
        """The outputs for inputs, one after the other, as they lie in memory.

        Raises `ToolError` when the program crashes, takes far too long or gives too little.
        """
        images = len(x) // self.compiled.input.elements
        return self._run([], x, images * self.compiled.output.elements)

    def steps(self, x: bytes) -> list[bytes]:
        """What each step makes of one input. Raises as `outputs`."""
        sizes = [step.output_bytes for step in self.compiled.steps]
        data, found = self._run(["steps"], x, sum(sizes)), []
        for size in sizes:
            found.append(data[:size])
            data = data[size:]
        return found

    def _run(self, arguments: list[str], x: bytes, expected: int) -> bytes:
        images = len(x) / self.compiled.input.elements
        command = [str(self.program), *arguments]
        timeout_s = _START_S + images * self.compiled.macs / _MACS_PER_S
        found = run_tool(command, stdin=x, timeout_s=timeout_s)
        if len(found) != expected:
            raise ToolError(
                f"the compiled model gave {len(found)} B, not {expected} B", command=command
            )
        return found


def build_filter(compiled: CompiledModel, sources: Path, out: Path) -> Filter:
    """Compiles the C sources of a model with this machine's compiler, into the folder `out`.

    Raises `MissingToolError` without a compiler, `ToolError` when it fails.
    """
    files = [sources / name for name in compiled.sources if name.endswith(".c")]
    program = out / "filter"
    run_tool(
        [*host_compiler(), *_FLAGS, f"-I{sources}", *map(str, files),
         str(firmware_templates_folder() / "filter" / "filter.c"), "-o", str(program)],
        timeout_s=_BUILD_TIMEOUT_S,
        env={**os.environ, **zig_environment()},
    )  # fmt: skip
    return Filter(program, compiled)
