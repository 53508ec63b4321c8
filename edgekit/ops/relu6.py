"""RELU6: values from 0 to 6, as an op by itself; as TFLite computes it, where TFLM is wrong."""

from __future__ import annotations

import numpy as np

from edgekit.fixedpoint import Activation
from edgekit.ir import Quantization
from edgekit.ops.rectifier import Rectifier


class Relu6(Rectifier):
    """The op.

    TFLM's kernel clamps the stored input and takes no notice of the output's scale and zero point,
    which is wrong wherever they differ from the input's. This is what TFLite has on the host.
    """

    name = "RELU6"
    activation = Activation.RELU6

    def factor(self, source: Quantization, target: Quantization) -> float:
        """In single precision."""
        return float(np.float32(source.scale) / np.float32(target.scale))


OPERATOR = Relu6()
