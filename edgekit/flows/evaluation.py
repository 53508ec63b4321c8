"""Models over the same images: float, int8 on the host, int8 on a device."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit import data, frontends
from edgekit.artifacts import Preprocessing, Quantized
from edgekit.data import Dataset, Source
from edgekit.errors import DataError, ModelError
from edgekit.flows.progress import Progress
from edgekit.runtimes import litert

_BATCH = 32
_CHUNK = 16

Scores = npt.NDArray[Any]
Int8 = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """The images of a data set that are evaluated, and how they become inputs."""

    dataset: Dataset
    chosen: npt.NDArray[np.int64]
    preprocessing: Preprocessing
    left_out: int

    def __len__(self) -> int:
        return len(self.chosen)

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """One label per image."""
        return self.dataset.labels[self.chosen]

    def inputs(self, start: int, stop: int) -> npt.NDArray[np.float32]:
        """Preprocessed images [n, h, w, c] float32."""
        return data.apply(self.preprocessing, self.dataset.images[self.chosen[start:stop]])

    def int8_inputs(self, start: int, stop: int, quantization: tuple[float, int]) -> Int8:
        """The same, quantized as TFLite's QUANTIZE does: half away from zero, cut at the ends."""
        scale, zero_point = quantization
        # Divided in single precision, rounded in double: there adding a half is exact.
        steps = (self.inputs(start, stop) / np.float32(scale)).astype(np.float64)
        rounded = np.trunc(steps + np.copysign(0.5, steps)) + zero_point
        return np.asarray(np.clip(rounded, -128, 127), dtype=np.int8)


def dataset_for(model: bytes, images: Source, progress: Progress) -> Dataset:
    """Images for an int8 model, resized to its input where that is wanted.

    Raises `ModelError` or `DataError` for what cannot be read.
    """
    return images.load(_image_shape(litert.Interpreter(model)), progress)


def _image_shape(model: litert.Interpreter) -> tuple[int, int, int]:
    if len(model.input_shape) != 3:
        raise ModelError(
            f"the model takes {list(model.input_shape)}, not an image [height, width, channels]"
        )
    height, width, channels = model.input_shape
    return height, width, channels


def pictures(
    dataset: Dataset,
    preprocessing: Preprocessing,
    record: Quantized | None,
    *,
    limit: int | None = None,
    keep_calibration: bool = False,
) -> Pictures:
    """The images of `dataset` but those that calibrated, when the record is of the same data.

    `limit` takes that many, evenly spread. Raises `DataError` when none is left.
    """
    used: set[int] = set()
    if record is not None and record.data_fingerprint == dataset.fingerprint:
        used = set() if keep_calibration else set(record.calibration_indices)
    chosen = np.array([n for n in range(len(dataset)) if n not in used], np.int64)
    if not len(chosen):
        raise DataError(
            f"all {len(dataset)} images of {dataset.name} calibrated the model, "
            "none is left to judge it",
            hint="Quantize with a smaller --calibration, or give other images.",
        )
    if limit is not None and len(chosen) > limit:
        chosen = chosen[np.linspace(0, len(chosen) - 1, limit).astype(np.int64)]
    return Pictures(dataset, chosen, preprocessing, len(used))


def float_scores(model: Path, over: Pictures, progress: Progress) -> Scores:
    """The float model's scores [n, classes]. Raises `DataError` when the images do not suit it."""
    loaded = frontends.load(model)
    over.dataset.require_fit(loaded.input_shape, loaded.classes)
    found = []
    for start in range(0, len(over), _BATCH):
        found.append(loaded.predict(over.inputs(start, start + _BATCH)))
        progress("float model", min(start + _BATCH, len(over)), len(over))
    return _finite(model, np.concatenate(found))


def _finite(model: Path, scores: Scores) -> Scores:
    """Raises `ModelError` for scores that are no numbers: every comparison with them is false."""
    broken = np.flatnonzero(~np.isfinite(scores).all(axis=1))
    if len(broken):
        raise ModelError(
            f"{model} answers NaN or infinity to {len(broken)} of {len(scores)} images",
            hint="Its weights are damaged, or the preprocessing is not the one of its training.",
        )
    return scores


def require_int8(model: bytes, over: Pictures) -> tuple[float, int]:
    """The input's scale and zero point. Raises `ModelError` or `DataError` for a misfit."""
    loaded = litert.Interpreter(model)
    if not loaded.input_quantization[0]:
        raise ModelError(
            "the model's input is not quantized", hint="Make it with `edgekit quantize`."
        )
    over.dataset.require_fit(_image_shape(loaded), loaded.classes)
    return loaded.input_quantization


def host_scores(model: bytes, over: Pictures, progress: Progress) -> Int8:
    """The int8 model's scores [n, classes] by LiteRT's reference kernels, on all cores."""
    quantization = require_int8(model, over)
    done = 0

    def run(start: int) -> Int8:
        inputs = over.int8_inputs(start, start + _CHUNK, quantization)
        outputs: Int8 = litert.Interpreter(model).run(inputs)
        return outputs

    found = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for chunk in pool.map(run, range(0, len(over), _CHUNK)):
            found.append(chunk)
            done += len(chunk)
            progress("int8 on the host", done, len(over))
    return np.concatenate(found)
