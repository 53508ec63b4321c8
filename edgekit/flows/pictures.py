"""The images that judge a model, and how their pixels become its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit import data
from edgekit.artifacts import Preprocessing, Quantized
from edgekit.data import Dataset
from edgekit.errors import DataError

Int8 = npt.NDArray[np.int8]
Places = slice | npt.NDArray[np.int64]


_COUNTED = "images that calibrated are not left out"


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """The images of a data set that are evaluated, and how they become inputs."""

    dataset: Dataset
    chosen: npt.NDArray[np.int64]
    preprocessing: Preprocessing
    left_out: int
    note: str = ""
    """What makes them worse judges than they seem; empty when nothing does."""

    def __len__(self) -> int:
        return len(self.chosen)

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """One label per image."""
        return self.dataset.labels[self.chosen]

    def inputs(self, places: Places) -> npt.NDArray[np.float32]:
        """Preprocessed images [n, h, w, c] float32."""
        return data.apply(self.preprocessing, self.dataset.images[self.chosen[places]])

    def int8_inputs(self, places: Places, quantization: tuple[float, int]) -> Int8:
        """The same, quantized as TFLite's QUANTIZE does: half away from zero, cut at the ends."""
        pixels = self.dataset.images[self.chosen[places]]
        if pixels.dtype == np.uint8 and pixels.size > 256 * pixels.shape[-1]:
            return self._looked_up(pixels, quantization)
        return quantized(data.apply(self.preprocessing, pixels), quantization)

    def _looked_up(self, pixels: npt.NDArray[Any], quantization: tuple[float, int]) -> Int8:
        """As above, each of the 256 values of a pixel worked out only once."""
        channels = pixels.shape[-1]
        every = np.repeat(np.arange(256, dtype=np.uint8), channels).reshape(1, 256, 1, channels)
        table = quantized(data.apply(self.preprocessing, every), quantization)[0, :, 0]
        if self.preprocessing.channels == "bgr":
            pixels = pixels[..., ::-1]
        made = np.empty(pixels.shape, np.int8)
        for channel in range(channels):
            np.take(np.ascontiguousarray(table[:, channel]), pixels[..., channel],
                    out=made[..., channel])  # fmt: skip
        return made


def quantized(values: npt.NDArray[np.float32], quantization: tuple[float, int]) -> Int8:
    """float32 as int8 by scale and zero point: half away from zero, cut at the ends."""
    scale, zero_point = quantization
    # Divided in single precision, rounded in double: there adding a half is exact.
    steps = (values / np.float32(scale)).astype(np.float64)
    rounded = np.trunc(steps + np.copysign(0.5, steps)) + zero_point
    return np.asarray(np.clip(rounded, -128, 127), dtype=np.int8)


def pictures(
    dataset: Dataset,
    preprocessing: Preprocessing,
    record: Quantized | None,
    *,
    limit: int | None = None,
    keep_calibration: bool = False,
    unrecorded: str = "no record of the int8 model's making",
) -> Pictures:
    """The images of `dataset` but those that calibrated, when the record is of the same data.

    `limit` takes that many, evenly spread; `unrecorded` says why there is no record. Raises
    `DataError` when none is left.
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
    note = "" if record or keep_calibration else f"{unrecorded}; {_COUNTED}"
    return Pictures(dataset, chosen, preprocessing, len(used), note)
