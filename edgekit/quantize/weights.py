"""What no quantizer can help, NaN and infinite values, and layers that one left in float."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edgekit.errors import ModelError, ToolError
from edgekit.ir import short_name
from edgekit.quantize.layers import float_layers
from edgekit.tflite import flatfile
from edgekit.tflite.editing import Editor

_SHOWN = 5


def require_finite(model: bytes, name: str) -> None:
    """Raises `ModelError` naming the NaN and infinite weights of a float `.tflite`, if any."""
    root = flatfile.open_model(model, name)
    with flatfile.corruption_named(name):
        graph = root.Subgraphs(0)
        tensors = flatfile.tables(graph.TensorsLength, graph.Tensors, "tensors")
        broken = [
            short_name(flatfile.name_of(tensor, number))
            for number, tensor in enumerate(tensors)
            if tensor.Type() == schema.TensorType.FLOAT32
            and (data := flatfile.buffer_bytes(model, root.Buffers(tensor.Buffer()))) is not None
            and not np.isfinite(np.frombuffer(data, "<f4")).all()
        ]
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
