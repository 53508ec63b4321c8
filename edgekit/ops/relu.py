"""RELU: no value below zero, as an op by itself."""

from __future__ import annotations

from edgekit.fixedpoint import Activation
from edgekit.ir import Quantization
from edgekit.ops.rectifier import Rectifier


class Relu(Rectifier):
    """The op."""

    name = "RELU"
    activation = Activation.RELU

    def factor(self, source: Quantization, target: Quantization) -> float:
        """In double precision, as TFLM has it; TFLite on the host divides in single."""
        return source.scale / target.scale


OPERATOR = Relu()
