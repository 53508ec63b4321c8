"""GATHER: chosen slices of int8 along an axis, in any order, some perhaps several times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgekit.ir import Graph, Operation
from edgekit.ops.forms import (
    constant_integers,
    counts,
    int8_per_tensor,
    same_quantization,
    variable_input,
)
from edgekit.ops.moving import positive_axis
from edgekit.ops.operator import Constant, KernelCall, Operator, TensorPointer


@dataclass(frozen=True, slots=True)
class GatherAttributes:
    """The axis of the input, and how many leading axes have indices of their own; both may be
    negative, from the end of the input's and of the indices' axes."""

    axis: int
    batch_dims: int


@dataclass(frozen=True, slots=True)
class _Places:
    """The axis and the number of batch axes, from the start."""

    axis: int
    batch: int


def axis_exists(graph: Graph, operation: Operation) -> bool:
    """Its axis exists in its input, and its batch axes are before it and the same in the input and
    in the indices."""
    return _places(graph, operation) is not None


def indices_fit(graph: Graph, operation: Operation) -> bool:
    """Its indices are constant and exist in its input, and its output has its input's shape with
    the indices' in place of the axis."""
    places = _places(graph, operation)
    assert places is not None
    shape, chosen = (graph.tensor(number).shape for number in operation.inputs)
    indices = constant_integers(graph.tensor(operation.inputs[1]))
    if not indices or not all(0 <= index < shape[places.axis] for index in indices):
        return False
    expected = (*shape[: places.axis], *chosen[places.batch :], *shape[places.axis + 1 :])
    return graph.tensor(operation.outputs[0]).shape == expected


def _places(graph: Graph, operation: Operation) -> _Places | None:
    """None where they are not there."""
    attributes: GatherAttributes = operation.attributes
    shape, chosen = (graph.tensor(number).shape for number in operation.inputs)
    axis = positive_axis(attributes.axis, len(shape))
    batch = attributes.batch_dims + (len(chosen) if attributes.batch_dims < 0 else 0)
    if axis is None or not 0 <= batch <= min(axis, len(chosen)):
        return None
    return _Places(axis, batch) if shape[:batch] == chosen[:batch] else None


class Gather(Operator):
    """The op; the indices become a table in flash."""

    name = "GATHER"
    kernel = "ek_gather_s8.h"
    options_table = "GatherOptions"
    constraints = (
        counts(2),
        int8_per_tensor,
        variable_input,
        same_quantization,
        axis_exists,
        indices_fit,
    )

    def attributes(self, options: Any) -> GatherAttributes:
        """Axis and batch axes."""
        return GatherAttributes(axis=options.axis, batch_dims=options.batchDims)

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_gather_s8."""
        source, target = operation.inputs[0], operation.outputs[0]
        places = _places(graph, operation)
        assert places is not None
        shape, chosen = (graph.tensor(number).shape for number in operation.inputs)
        indices = np.array(constant_integers(graph.tensor(operation.inputs[1])), np.int32)
        return KernelCall(
            function="ek_gather_s8",
            header=self.kernel,
            parameters={
                "batch": math.prod(shape[: places.batch]),
                "outer": math.prod(shape[places.batch : places.axis]),
                "extent": shape[places.axis],
                "inner": math.prod(shape[places.axis + 1 :]),
                "count": math.prod(chosen[places.batch :]),
            },
            arguments=(
                TensorPointer(source),
                Constant("indices", indices),
                TensorPointer(target),
            ),
        )


OPERATOR = Gather()
