"""A model in hand-written C, for firmware that needs one: some steps of arithmetic, no kernels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import CompiledModel, Step, TensorSpec, sha256

INPUT_SHAPE = (10, 20, 6)
INPUT_BYTES = 1200
OUTPUT_BYTES = 600
SHA256 = sha256(b"tiny")

_SOURCE = """\
#include "ek_model.h"

static int8_t arena[1200];

EXTRA_C

/* All but the last: x * 3 + step. The last: neighbours together, over the start of the input. */
static void run_step(uint32_t step)
{
    STEP_C
    if (step + 1U < STEPS) {
        for (uint32_t i = 0; i < 1200U; i++) {
            arena[i] = (int8_t)(uint8_t)((uint32_t)(uint8_t)arena[i] * 3U + step);
        }
        return;
    }
    for (uint32_t i = 0; i < 600U; i++) {
        arena[i] = (int8_t)(arena[2U * i] ^ arena[2U * i + 1U]);
    }
}

static const ek_step_info_t steps[STEPS] = {
    STEP_INFOS
    {arena, 600, 0, 0},
};

const ek_model_t ek_model_active = {
    .name = "tiny",
    .sha256 = {SHA256_BYTES},
    .input = {1200, {10, 20, 6, 0}, 0.5f, -3},
    .output = {600, {600, 0, 0, 0}, 0.25f, 7},
    .input_data = arena,
    .output_data = arena,
    .arena_bytes = 1200,
    .step_count = STEPS,
    .steps = steps,
    .run_step = run_step,
};
"""


def write(folder: Path, *, steps: int = 3, extra_c: str = "", step_c: str = "") -> CompiledModel:
    """Writes ``model.c`` into `folder`, as `codegen` would.

    `extra_c` stands before its functions, `step_c` at the start of each step.
    """
    source = _SOURCE.replace("STEP_INFOS", "{arena, 1200, 0, 0}, " * (steps - 1))
    source = source.replace("SHA256_BYTES", ", ".join(f"0x{byte:02x}" for byte in _sha_bytes()))
    folder.mkdir(parents=True, exist_ok=True)
    source = source.replace("EXTRA_C", extra_c).replace("STEP_C", step_c)
    text = source.replace("STEPS", f"{steps}U")
    (folder / "model.c").write_text(text, encoding="utf-8")
    return CompiledModel(
        name="tiny", runtime="edgekit", model_sha256=SHA256,
        input=TensorSpec(
            name="input", shape=INPUT_SHAPE, dtype="int8", scale=0.5, zero_point=-3
        ),
        output=TensorSpec(
            name="output", shape=(OUTPUT_BYTES,), dtype="int8", scale=0.25, zero_point=7
        ),
        macs=1200 * (steps - 1), arena_bytes=1200, arena_lower_bound_bytes=1200, weights_bytes=0,
        steps=tuple(_step(index, steps) for index in range(steps)), plan=(),
        sources=("model.c",),
    )  # fmt: skip


def run(x: npt.NDArray[np.int8], *, steps: int = 3) -> list[npt.NDArray[np.int8]]:
    """What each step leaves as its output, on input [1200] int8."""
    state = x.reshape(-1).view(np.uint8)
    outputs = []
    for step in range(steps - 1):
        state = state * np.uint8(3) + np.uint8(step)
        outputs.append(state)
    outputs.append(state[0::2] ^ state[1::2])
    return [output.view(np.int8) for output in outputs]


def random_input(seed: int = 0) -> npt.NDArray[np.int8]:
    """An input [1200] int8."""
    return np.random.default_rng(seed).integers(-128, 128, INPUT_BYTES).astype(np.int8)


def _sha_bytes() -> bytes:
    return bytes.fromhex(SHA256)


def _step(index: int, steps: int) -> Step:
    count = OUTPUT_BYTES if index == steps - 1 else INPUT_BYTES
    return Step(
        index=index, op="TINY", name=f"step_{index}", macs=600, output_shape=(count,),
        output_bytes=count,
    )  # fmt: skip
