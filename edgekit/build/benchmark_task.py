"""Which task of the MLPerf Tiny benchmark a model is for, told by its shapes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from edgekit.artifacts import CompiledModel

MOST_RESULTS = 1024
"""More values than this are no line of text; the firmware keeps none of them."""

_INT8, _UINT8, _FLOAT32 = 0, 1, 2
"""What the runner's bytes are: `EK_TASK_INPUT` in firmware_templates/common/ek_task.c."""


@dataclass(frozen=True, slots=True)
class _Task:
    """The name that the benchmark's runner expects, and how it sends an input."""

    name: str
    input: int


# (input elements, output elements): the tasks' reference models, whatever their layout.
_TASKS = {
    (96 * 96 * 3, 2): _Task("vww01", _UINT8),
    (32 * 32 * 3, 10): _Task("ic01", _UINT8),
    (49 * 10, 12): _Task("kws01", _INT8),
    (640, 640): _Task("ad01", _FLOAT32),
}
_OTHER = _Task("", _INT8)


def defines(compiled: CompiledModel) -> dict[str, str]:
    """What `ek_config.h` says of the task; a model of other shapes goes by its own name."""
    task = _TASKS.get((compiled.input.elements, compiled.output.elements), _OTHER)
    return {
        "EK_TASK": json.dumps(task.name),
        "EK_TASK_INPUT": str(task.input),
        "EK_TASK_OUTPUT_MAX": f"{MOST_RESULTS}U",
        "EK_INPUT_BYTES": f"{compiled.input.elements}U",
        "EK_OUTPUT_BYTES": f"{compiled.output.elements}U",
    }
