"""A whole model as generated C, compiled for the host and run in a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.codegen import aot
from support.compiler import compile_c

MAIN = """
#include <stdio.h>
#include "ek_model.h"

int main(void)
{
    const ek_model_t *m = &ek_model_active;
    while (fread(m->input_data, m->input.bytes, 1, stdin) == 1) {
        for (uint32_t step = 0; step < m->step_count; step++)
            m->run_step(step);
        if (fwrite(m->output_data, m->output.bytes, 1, stdout) != 1)
            return 1;
    }
    return 0;
}
"""


class NativeModel:
    """A model compiled in `folder`, with guard bytes around the arena and each constant."""

    def __init__(self, model: bytes, folder: Path, *, ram_bytes: int | None = None) -> None:
        self.compiled = aot.generate(model, "model", folder, ram_bytes=ram_bytes)
        main = folder / "main.c"
        main.write_text(MAIN)
        sources = [folder / name for name in self.compiled.sources if name.endswith(".c")]
        self._program = compile_c([*sources, main], folder / "model", include=[folder])

    def run(self, x: npt.NDArray[Any], *, timeout_s: float = 60) -> npt.NDArray[np.int8]:
        """The outputs `[n, ...]` int8 for inputs `x [n, ...]` int8."""
        done = subprocess.run(
            [self._program], input=x.tobytes(), capture_output=True, timeout=timeout_s
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")[:3000]
        return np.frombuffer(done.stdout, np.int8).reshape(len(x), *self.compiled.output.shape)
