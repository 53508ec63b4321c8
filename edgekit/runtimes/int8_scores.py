"""The fastest exact way to run an int8 model here: our kernels, once they are seen to be right.

model = open_int8(data, sample=x[:8])
scores = model.run(x)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgekit.errors import EdgekitError, MissingToolError, ToolError, UnsupportedModelError
from edgekit.runtimes import tflm
from edgekit.runtimes.native import NativeModel
from edgekit.runtimes.reference import ReferenceModel
from edgekit.tflite import read_graph

Int8 = npt.NDArray[np.int8]
Kernels = Literal["native", "reference"]

FEW = 24
"""For so few images the reference is asked for all: making sure of others takes as long."""


@dataclass(frozen=True, slots=True, eq=False)
class Int8Model:
    """A model that runs by `kernels`; `why` says why not by the native ones, else it is empty."""

    kernels: Kernels
    run: Callable[[Int8], Int8]
    """Outputs [n, ...] int8 for inputs [n, ...] int8, on all cores; raises `DataError`."""
    why: str = ""


def open_int8(model: bytes, sample: Int8, *, threads: int | None = None) -> Int8Model:
    """The model, by our own kernels when they give the reference's bytes for the whole `sample`
    [n, ...], and else by LiteRT's reference kernels.

    The reference is TensorFlow Lite Micro where it is installed, as for all that runs on a device,
    and LiteRT's otherwise. Raises `ModelError` for what LiteRT refuses too.
    """
    reference = ReferenceModel(model, threads=threads)
    try:
        native = NativeModel(read_graph(model, "model"), threads=threads)
    except (MissingToolError, ToolError, UnsupportedModelError) as error:
        return Int8Model("reference", reference.run, str(error).splitlines()[0])
    if _agrees(native, model, sample, reference):
        return Int8Model("native", native.run)
    return Int8Model("reference", reference.run, "our kernels give other bytes for a sample")


def _agrees(native: NativeModel, model: bytes, sample: Int8, reference: ReferenceModel) -> bool:
    """Whether all bytes are TFLM's, or all are LiteRT's: of the few ops on which those two differ
    either may be the one that is right."""
    found = native.run(sample)
    try:
        if tflm.available() and np.array_equal(found, tflm.run(model, sample)):
            return True
    except EdgekitError:  # TFLM runs fewer forms than LiteRT
        pass
    return bool(np.array_equal(found, reference.run(sample)))
