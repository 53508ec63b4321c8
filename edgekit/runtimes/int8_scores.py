"""The fastest exact way to run an int8 model here: our kernels, once they are seen to be right.

model = open_int8(data, sample)
scores = model.run(x)
"""

from __future__ import annotations

import time
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
from edgekit.tflite.outline import outline

Int8 = npt.NDArray[np.int8]
Kernels = Literal["native", "reference"]

_FEW_MACS = 1_000_000_000
"""Work of a second or two for the reference, which making sure of our kernels would take too."""
FEW = "so few images take no longer by them"
"""Why the reference was taken where nothing spoke against our kernels."""
_SURE_S = 2.0
"""How long the reference is asked about the sample."""
_LEAST = 4
"""Images of the sample that are looked at, however slow the reference."""


@dataclass(frozen=True, slots=True, eq=False)
class Int8Model:
    """A model that runs by `kernels`; `why` says why not by the native ones, else it is empty."""

    kernels: Kernels
    run: Callable[[Int8], Int8]
    """Outputs [n, ...] int8 for inputs [n, ...] int8, on all cores; raises `DataError`."""
    why: str = ""


def open_int8(
    model: bytes, sample: Int8, *, images: int | None = None, threads: int | None = None
) -> Int8Model:
    """The model, by our own kernels when they give the reference's bytes for the `sample` [n, ...],
    or as much of it as the reference runs in two seconds, and else by LiteRT's reference kernels.

    The reference is TensorFlow Lite Micro where it is installed, as for all that runs on a device,
    and LiteRT's otherwise. `images` says how many there will be: few are not worth it. Raises
    `ModelError` for what LiteRT refuses too.
    """
    reference = ReferenceModel(model, threads=threads)
    if images is not None and images * _macs(model) < _FEW_MACS:
        return Int8Model("reference", reference.run, FEW)
    started = time.monotonic()
    expected = [reference.run(sample[:_LEAST])]
    each_s = (time.monotonic() - started) / len(expected[0])
    try:
        native = NativeModel(read_graph(model, "model"), threads=threads)
    except (MissingToolError, ToolError, UnsupportedModelError) as error:
        return Int8Model("reference", reference.run, _why(error))
    sample = sample[: max(_LEAST, int(_SURE_S / each_s))]
    if len(sample) > _LEAST:
        expected.append(reference.run(sample[_LEAST:]))
    if _agrees(native, model, sample, np.concatenate(expected)):
        return Int8Model("native", native.run)
    return Int8Model("reference", reference.run, "our kernels give other bytes for a sample")


def _why(error: EdgekitError) -> str:
    """An error in a line, of several reasons the first."""
    said = str(error).splitlines()[0]
    if not isinstance(error, UnsupportedModelError):
        return said
    more = ", and others" if len(error.problems) > 1 else ""
    return f"{said} {error.problems[0].rstrip('.')}{more}"


def _macs(model: bytes) -> int:
    return sum(step.macs for step in outline(model, "model").steps)


def _agrees(native: NativeModel, model: bytes, sample: Int8, expected: Int8) -> bool:
    """Whether all bytes are LiteRT's, or all are TFLM's: of the few ops on which those two differ
    either may be the one that is right."""
    found = native.run(sample).reshape(expected.shape)
    if np.array_equal(found, expected):
        return True
    try:
        return tflm.available() and np.array_equal(
            found, tflm.run(model, sample).reshape(expected.shape)
        )
    except EdgekitError:  # TFLM runs fewer forms than LiteRT
        return False
