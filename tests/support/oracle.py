"""What a model's outputs must be: TFLM's reference kernels, and LiteRT's beside them."""

from __future__ import annotations

import atexit
from functools import cache
from typing import Any

import numpy.typing as npt
import pytest

from edgekit.runtimes import litert, tflm


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


def litert_outputs(model: bytes, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """LiteRT's BUILTIN_REF outputs `[n, ...]` for inputs `x [n, ...]`."""
    return litert.Interpreter(model, reference=True).run(x)
