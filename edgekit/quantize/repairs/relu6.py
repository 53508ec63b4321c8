"""A standalone RELU6 rewritten as a RELU, whose int8 kernel heeds its output's quantization.

TFLM's int8 RELU6 ignores the scale of its output; where that cannot hold more than 6, its upper
end is the clamp, and a RELU computes the same.
"""

from __future__ import annotations

from edgekit.quantize.repairs.repair import Case, Repair, Repaired
from edgekit.tflite.clamps import repair_standalone


def _apply(case: Case) -> Repaired:
    int8, found = repair_standalone(case.int8, case.name)
    return Repaired(
        case.float_model, int8, tuple(f"relu6: {clamp.where} became a RELU" for clamp in found)
    )


REPAIR = Repair(
    "relu6",
    "make a standalone RELU6 a RELU, which TFLM computes rightly",
    order=60,
    apply=_apply,
    always=True,
)
