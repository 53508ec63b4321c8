"""What a model's outputs must be: TFLM's reference kernels, and LiteRT's beside them."""

from __future__ import annotations

import atexit
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edgekit.runtimes import tflm


@cache
def _worker() -> tflm.Worker:
    """One TFLM process for the whole test session: a model costs a millisecond, not a start."""
    worker = tflm.Worker(timeout_s=60)
    atexit.register(worker.close)
    return worker


def tflm_outputs(model: bytes, *x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """TFLM's outputs `[n, ...]` for inputs `x [n, ...]`; skips the test where TFLM is missing."""
    if not tflm.available():
        pytest.skip("needs the tflite-micro wheel: pip install 'edgekit[tflm]'")
    return _worker().run(model, *x)


def litert_outputs(model: bytes, *x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """LiteRT's BUILTIN_REF outputs `[n, ...]` for inputs `x [n, ...]`, one array per input.

    Each of the `n` has the input's whole shape, or all of it but a batch of 1.
    """
    interpreter = Interpreter(
        model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    (output,) = interpreter.get_output_details()
    outputs = []
    for values in zip(*x, strict=True):
        for details, value in zip(interpreter.get_input_details(), values, strict=True):
            interpreter.set_tensor(details["index"], value.reshape(details["shape"]))
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(output["index"]).copy())
    found = np.stack(outputs)
    return found[:, 0] if found.shape[1:2] == (1,) else found
