"""A model run a few ops at a time over many images, so that a repair of one layer reaches the next.

What lies between two steps is kept for every image, in the model's own types, and dropped once no
later op reads it: an int8 model of MobileNetV2's size takes some 100 MB for 100 images.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.ir import Quantization
from edgekit.quantize.real_values import quantized
from edgekit.quantize.running import Runner, in_parallel
from edgekit.tflite.editing import Editor

Values = list[npt.NDArray[Any]]


class Steps:
    """Runs `model` up to any op; what is changed in the model behind that op still counts."""

    def __init__(self, model: Editor, images: Iterable[Floats]) -> None:
        self._model, self._position = model, 0
        self._last_use = {t: op.index for op in model.ops() for t in op.inputs}
        self._last_use.update(dict.fromkeys(model.outputs, len(list(model.ops()))))
        (entrance,) = model.inputs
        quantization, dtype = model.quantization(entrance), model.dtype(entrance)
        self._values: dict[int, Values] = {
            entrance: [_as_input(image[None], quantization, dtype) for image in images]
        }

    def values(self, tensor: int) -> Values:
        """One array [1, ...] an image, in the tensor's own type. It must be alive: read later."""
        return self._values[tensor]

    def run_to(self, op: int) -> None:
        """Runs all ops before this one."""
        if op <= self._position:
            return
        made = [
            tensor
            for before in list(self._model.ops())[self._position : op]
            for tensor in before.outputs
            if self._last_use.get(tensor, -1) >= op
        ]
        part = self._model.part(self._position, op, made)
        given = [self._model.find(part.tensor_name(tensor)) for tensor in part.inputs]
        sources = zip(*(self._values[tensor] for tensor in given), strict=True)
        results = list(in_parallel(Runner(part.bytes()).raw, sources))
        for place, tensor in enumerate(made):
            self._values[tensor] = [result[place] for result in results]
        for tensor in [t for t in self._values if self._last_use.get(t, -1) < op]:
            del self._values[tensor]
        self._position = op


def _as_input(image: Floats, quantization: Quantization | None, dtype: np.dtype[Any]) -> Any:
    return image if quantization is None else quantized(image, quantization, dtype)
