"""Weights that no quantizer can help: NaN and infinite ones."""

from __future__ import annotations

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
        more = f" and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
        raise ModelError(
            f"{name} has NaN or infinite weights in {', '.join(broken[:_SHOWN])}{more}",
            hint="Training diverged; take an earlier checkpoint.",
        )
