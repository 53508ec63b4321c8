"""Weights rounded up or down by what it does to their layer's output, and biases set to suit.

Rounding each weight to the nearest step is not what keeps a layer's output nearest to float's: the
errors of weights whose inputs go together can cancel. Layer by layer, from a few thousand sampled
places of the calibration images as the int8 model sees them, weights are rounded one tap at a time
with feedback (`edgekit.quantize.error_feedback`); the bias then gives the output its mean back.

Choosing between up and down by the layer's output, on calibration images alone, is Nagel et al.,
"Up or Down? Adaptive Rounding for Post-Training Quantization", arXiv 2004.10568; the closed form in
place of gradient descent is Frantar et al., "GPTQ", arXiv 2210.17323. Only weights and biases
change: the model keeps its size and speed, and every scale.

Two more degrees of freedom were measured and left out: weights drawn to what makes good for the
layers before (ridge regression on the float output), and scales set by regression of each channel.
On MobileNetV1 and SqueezeNet they gained nothing beyond the noise; on MobileNetV2, where a few
large values rule the regression, each cost over a point of agreement.
"""

from __future__ import annotations

from edgekit.quantize.error_feedback import round_with_feedback
from edgekit.quantize.layer_weights import scales, write_weights
from edgekit.quantize.layerwise import Pair, walk
from edgekit.quantize.moments import damped, second_moments
from edgekit.quantize.repairs.bias import correct as correct_bias
from edgekit.quantize.repairs.repair import Case, Repair, Repaired, unchanged
from edgekit.tflite.editing import Editor

_RIDGE = 0.01


def _apply(case: Case) -> Repaired:
    int8 = Editor(case.int8, case.name)
    layers = sum(1 for _ in map(correct, walk(case, int8, stage="rounding")))
    if not layers:
        return unchanged(case)
    return Repaired(case.float_model, int8.bytes(), (f"rounding: weights of {layers} layers",))


def correct(pair: Pair) -> None:
    """Rounds one layer's weights for the inputs it meets and gives its output the float mean."""
    steps = scales(pair.int8, pair.layer).reshape(pair.groups, -1)
    moments = damped(second_moments(pair.int8_rows), _RIDGE)
    whole = round_with_feedback(pair.float_weights(), moments, steps)
    write_weights(pair.int8, pair.layer, pair.stored(whole))
    correct_bias(pair)


REPAIR = Repair(
    "rounding",
    "round weights by what it does to their layer's output",
    order=40,
    apply=_apply,
    covers=("bias",),
)
