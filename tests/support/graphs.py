"""One op as a graph, without a file: for forms that no model of one input has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from edgekit.ir import DType, Graph, Operation, Quantization, Tensor
from edgekit.ops import operators
from support.models import Value, several


def single_op_graph(
    op: str, inputs: Sequence[Value], output: Value | Sequence[Value], options: Any = None
) -> tuple[Graph, Operation]:
    """The graph that reading `support.models.single_op` of the same arguments gives."""
    values = (*inputs, *several(output))
    numbers = tuple(range(len(inputs)))
    operation = Operation(
        op=op,
        inputs=numbers,
        outputs=tuple(range(len(inputs), len(values))),
        attributes=operators()[op].attributes(options),
        index=0,
    )
    graph = Graph(
        name="model",
        tensors=tuple(_tensor(value, number) for number, value in enumerate(values)),
        operations=(operation,),
        inputs=tuple(n for n in numbers if inputs[n].data is None),
        outputs=operation.outputs[:1],
    )
    return graph, operation


def _tensor(value: Value, number: int) -> Tensor:
    return Tensor(
        name=value.name or f"t{number}",
        shape=value.shape,
        dtype=DType(value.dtype),
        quantization=_quantization(value),
        data=value.data,
    )


def _quantization(value: Value) -> Quantization | None:
    """Scales pass through float32, as a file stores them."""
    if value.scale is None:
        return None
    scales = np.atleast_1d(np.asarray(value.scale, np.float32))
    zero_points = np.broadcast_to(np.atleast_1d(value.zero_point), scales.shape)
    return Quantization(
        scales=tuple(float(scale) for scale in scales),
        zero_points=tuple(int(zero_point) for zero_point in zero_points),
        axis=value.axis,
    )


def refusals(graph: Graph, operation: Operation) -> str | None:
    """The docstring of the first constraint that does not hold; None when the op is compiled."""
    for constraint in operators()[operation.op].constraints:
        if not constraint(graph, operation):
            return " ".join((constraint.__doc__ or "").split())
    return None
