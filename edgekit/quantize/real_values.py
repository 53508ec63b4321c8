"""Stored values as the real numbers they stand for, and back; real numbers are float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats
from edgekit.ir import Quantization
from edgekit.tflite.editing import Editor


def real_constant(model: Editor, tensor: int) -> Floats | None:
    """A constant's real values, dequantized where it is quantized; None for what is computed."""
    values = model.constant(tensor)
    if values is None:
        return None
    return dequantized(values, model.quantization(tensor))


def dequantized(values: npt.NDArray[Any], quantization: Quantization | None) -> Floats:
    """scale * (q - zero point), per tensor or per channel; floats as they are. float32."""
    if quantization is None or values.dtype.kind == "f":
        return values.astype(np.float32, copy=False)
    shape = [1] * values.ndim
    if quantization.per_channel:
        shape[quantization.axis] = -1
    scale = np.array(quantization.scales, np.float32).reshape(shape if values.ndim else ())
    zero = np.array(quantization.zero_points, np.int32).reshape(shape if values.ndim else ())
    if values.dtype.itemsize > 2:  # a float32 does not hold all of int32
        return np.asarray((values.astype(np.int64) - zero) * scale, np.float32)
    real = values.astype(np.float32)
    real -= zero
    real *= scale
    return real


def quantized(values: Floats, quantization: Quantization, dtype: npt.DTypeLike) -> Any:
    """Real values in a per-tensor quantization, rounded half away from zero as QUANTIZE does."""
    steps = values / np.float32(quantization.scale)
    rounded = np.trunc(steps + np.copysign(np.float32(0.5), steps)) + quantization.zero_point
    limits = np.iinfo(np.dtype(dtype))
    return np.clip(rounded, limits.min, limits.max).astype(dtype)
