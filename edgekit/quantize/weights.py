"""Values that no quantizer can help: NaN and infinite ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edgekit.errors import ModelError
from edgekit.ir import short_name
from edgekit.tflite import flatfile

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


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
