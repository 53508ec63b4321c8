"""What no quantizer can help, NaN and infinite values, and layers that one left in float."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.errors import ModelError, ToolError
from edgekit.frontends import KerasModel
from edgekit.ir import short_name
from edgekit.quantize.layers import float_layers
from edgekit.tflite import flatfile
from edgekit.tflite.editing import Editor

_SHOWN = 5
_LARGEST = np.finfo(np.float32).max
_LIMITING = ("MAXIMUM", "MINIMUM", "PADV2")
"""Ops that are given a limit, or what no maximum is less than."""


def require_finite_keras(model: KerasModel) -> None:
    """Raises `ModelError` naming the NaN and infinite weights of a Keras model, if any."""
    _refuse(model.infinite_weights(), model.path.name)


def require_finite(model: bytes, name: str) -> None:
    """Raises `ModelError` naming the NaN and infinite weights of a float `.tflite`, if any.

    The converter writes the largest float32 for infinity, so that counts as infinite, but where it
    says that there is no limit.
    """
    editor = Editor(model, name)
    with flatfile.corruption_named(name):
        ops = tuple(editor.ops())
        read = dict.fromkeys(number for op in ops for number in op.inputs)
        limits = {number for op in ops if op.op in _LIMITING for number in op.inputs}
        broken = [
            short_name(editor.tensor_name(number))
            for number in read
            if not _is_finite(editor.constant(number), limit=number in limits)
        ]
    _refuse(broken, name)


def _is_finite(values: npt.NDArray[Any] | None, *, limit: bool) -> bool:
    if values is None or values.dtype != np.float32:
        return True
    return bool((np.isfinite(values) if limit else np.abs(values) < _LARGEST).all())


def _refuse(broken: Sequence[str], name: str) -> None:
    if broken:
        raise ModelError(
            f"{name} has NaN or infinite weights in {_listed(broken)}",
            hint="Training diverged; take an earlier checkpoint.",
        )


def require_finite_ranges(found: Mapping[str, tuple[float, float]], name: str) -> None:
    """Raises `ModelError` naming the values of a model whose range, by tensor, is not finite."""
    broken = [short_name(tensor) for tensor, ends in found.items() if not np.isfinite(ends).all()]
    if broken:
        raise ModelError(
            f"{name} reaches NaN or infinite values on the calibration images, "
            f"in {_listed(broken)}",
            hint="Training diverged: take an earlier checkpoint. Or the images are wrongly scaled.",
        )


def require_int8(model: bytes) -> None:
    """Raises `ToolError` naming the layers with weights where a model's all stayed float."""
    left, layers = float_layers(Editor(model, "the int8 model"))
    if left and len(left) == layers:
        raise ToolError(
            f"TensorFlow's quantizer left the model in float, all of its {layers} layers with "
            f"weights: {_listed([short_name(layer) for layer in left])}",
            hint="Export it anew in plain float32: fake quantization, or marks that another tool "
            "left in the model, keep its weights as they are.",
        )


def left_in_float(model: bytes, name: str) -> Iterator[str]:
    """A warning naming the layers with weights of an int8 `.tflite` that stayed float, if any."""
    left, layers = float_layers(Editor(model, name))
    if left:
        yield (
            f"{len(left)} of {layers} layers with weights stayed float, which is slow and which "
            f"edgekit does not compile: {_listed([short_name(layer) for layer in left])}"
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
