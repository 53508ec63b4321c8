"""Models over images in memory that does not grow with them: float, and int8 on the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit import frontends
from edgekit.data import Dataset, Source
from edgekit.errors import DataError, ModelError
from edgekit.flows.pictures import Int8, Pictures, Places
from edgekit.flows.pictures import pictures as pictures
from edgekit.flows.progress import Progress
from edgekit.runtimes import litert
from edgekit.runtimes.int8_scores import Int8Model, open_int8
from edgekit.runtimes.trial import require_survival

Scores = npt.NDArray[Any]

_BATCH_VALUES = 8 << 20
"""float32 values in a batch: 32 MiB, 55 images of 224 x 224 x 3."""
_MOST_AT_ONCE = 64
_SAMPLE = 32
"""Images at most by which our kernels are held against the reference."""


def dataset_for(model: bytes, images: Source, progress: Progress) -> Dataset:
    """Images for an int8 model, resized to its input where that is wanted.

    Raises `ModelError` or `DataError` for what cannot be read, and for what LiteRT aborts on.
    """
    require_survival(model)
    return images.load(_image_shape(litert.Interpreter(model)), progress)


def _image_shape(model: litert.Interpreter) -> tuple[int, int, int]:
    if len(model.input_shape) != 3:
        raise ModelError(
            f"the model takes {list(model.input_shape)}, not an image [height, width, channels]"
        )
    height, width, channels = model.input_shape
    return height, width, channels


def batches(over: Pictures) -> Iterator[slice]:
    """All places of the images, as many at a time as one goes well into memory."""
    values = int(np.prod(over.dataset.image_shape))
    size = max(1, min(_MOST_AT_ONCE, _BATCH_VALUES // values))
    for start in range(0, len(over), size):
        yield slice(start, min(start + size, len(over)))


class FloatScores:
    """The float model of a file. Raises `DataError` when the images do not suit it."""

    def __init__(self, path: Path, over: Pictures) -> None:
        self._model, self._path = frontends.load(path), path
        over.dataset.require_fit(self._model.input_shape, self._model.classes)
        self.sha256, self.classes = self._model.sha256, self._model.classes

    def scores(self, over: Pictures, places: Places) -> Scores:
        """[n, classes] for the images at those places.

        Raises `ModelError` for scores that are no numbers: every comparison with them is false.
        """
        found = self._model.predict(over.inputs(places))
        broken = np.flatnonzero(~np.isfinite(found).all(axis=1))
        if len(broken):
            raise ModelError(
                f"{self._path} answers NaN or infinity to {len(broken)} of {len(found)} images",
                hint="Its weights are damaged, or the preprocessing is not that of its training.",
            )
        return found


class Int8Scores:
    """An int8 model on this machine. Raises `ModelError` or `DataError` for a misfit.

    `surely` asks for our kernels also where so few images make the reference as quick.
    """

    def __init__(self, model: bytes, over: Pictures, *, surely: bool = False) -> None:
        loaded = litert.Interpreter(model)
        self.quantization = _quantization(loaded)
        over.dataset.require_fit(_image_shape(loaded), loaded.classes)
        self.classes = loaded.classes
        spread = np.linspace(0, len(over) - 1, min(_SAMPLE, len(over))).astype(np.int64)
        sample = over.int8_inputs(spread, self.quantization)
        self.model: Int8Model = open_int8(model, sample, images=None if surely else len(over))

    def inputs(self, over: Pictures, places: Places) -> Int8:
        """The model's inputs [n, h, w, c] for the images at those places."""
        return over.int8_inputs(places, self.quantization)

    def scores(self, over: Pictures, places: Places) -> Int8:
        """[n, classes] for the images at those places."""
        return self.answers(self.inputs(over, places))

    def answers(self, x: Int8) -> Int8:
        """[n, classes] for inputs [n, h, w, c]."""
        return self.model.run(x).reshape(len(x), -1)


def _quantization(model: litert.Interpreter) -> tuple[float, int]:
    if not model.input_quantization[0]:
        raise ModelError(
            "the model's input is not quantized", hint="Make it with `edgekit quantize`."
        )
    return model.input_quantization


def float_scores(model: Path, over: Pictures, progress: Progress) -> Scores:
    """The float model's scores [n, classes] of all images. Raises as `FloatScores`."""
    floats = FloatScores(model, over)
    return _all(floats.scores, over, progress, "float model")


def host_scores(model: bytes, over: Pictures, progress: Progress) -> Int8:
    """The int8 model's scores [n, classes] of all images. Raises as `Int8Scores`."""
    ints = Int8Scores(model, over)
    return _all(ints.scores, over, progress, "int8 on the host")


def _all(
    scores: Callable[[Pictures, Places], Scores], over: Pictures, progress: Progress, stage: str
) -> Scores:
    found = []
    for places in batches(over):
        found.append(scores(over, places))
        progress(stage, places.stop, len(over))
    return np.concatenate(found)


def require_same_classes(
    float_model: Path, floats: FloatScores, int8: Path, ints: Int8Scores
) -> None:
    """Raises `DataError` for two models that cannot be of one origin."""
    if floats.classes != ints.classes:
        raise DataError(
            f"{float_model} has {floats.classes} classes, {int8} has {ints.classes}",
            hint="Give the float model that the int8 model was made of.",
        )
