"""A model with the shapes of a benchmark task, in C: outputs pick inputs, and running eats them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import CompiledModel, Step, TensorSpec, sha256

_SOURCE = """\
#include "ek_model.h"

static int8_t input[INPUT];
static int8_t output[OUTPUT];

static void run_step(uint32_t step)
{
    (void)step;
    for (uint32_t i = 0; i < OUTPUT; i++) {
        output[i] = input[i * 7U % INPUT];
    }
    for (uint32_t i = 0; i < INPUT; i++) {
        input[i] = 0x55;
    }
}

static const ek_step_info_t steps[1] = {{output, OUTPUT, 0, 0}};

const ek_model_t ek_model_active = {
    .name = "picker",
    .sha256 = {0},
    .input = {INPUT, {INPUT, 0, 0, 0}, SCALEf, ZERO},
    .output = {OUTPUT, {OUTPUT, 0, 0, 0}, SCALEf, ZERO},
    .input_data = input,
    .output_data = output,
    .arena_bytes = INPUT + OUTPUT,
    .step_count = 1,
    .steps = steps,
    .run_step = run_step,
};
"""


def write(
    folder: Path, inputs: tuple[int, ...], outputs: int, *, scale: float, zero_point: int
) -> CompiledModel:
    """Writes ``model.c`` into `folder`; input and output share scale and zero point."""
    count = int(np.prod(inputs))
    text = _SOURCE.replace("INPUT", f"{count}U").replace("OUTPUT", f"{outputs}U")
    text = text.replace("SCALE", repr(float(np.float32(scale)))).replace("ZERO", str(zero_point))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.c").write_text(text, encoding="utf-8")
    step = Step(
        index=0, op="PICK", name="pick", macs=0, output_shape=(outputs,), output_bytes=outputs
    )
    tensors = [
        TensorSpec(name=name, shape=shape, dtype="int8", scale=scale, zero_point=zero_point)
        for name, shape in (("input", inputs), ("output", (outputs,)))
    ]
    return CompiledModel(
        name="picker", runtime="edgekit", model_sha256=sha256(b"picker"), input=tensors[0],
        output=tensors[1], macs=0, arena_bytes=count + outputs,
        arena_lower_bound_bytes=count + outputs, weights_bytes=0, steps=(step,), plan=(),
        sources=("model.c",),
    )  # fmt: skip


def run(x: npt.NDArray[np.int8], outputs: int) -> npt.NDArray[np.int8]:
    """The output [outputs] int8 for an input [n] int8."""
    return x[np.arange(outputs) * 7 % len(x)]
