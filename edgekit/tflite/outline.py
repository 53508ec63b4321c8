"""What can be said of any .tflite file, also of one that edgekit itself cannot compile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edgekit.artifacts import Step, TensorSpec
from edgekit.errors import ModelError
from edgekit.tflite import flatfile

_ELEMENT_TYPES = {
    number: name.lower()
    for name, number in vars(schema.TensorType).items()
    if isinstance(number, int)
}
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A model's ends and its steps, in the order in which they run."""

    input: TensorSpec
    output: TensorSpec
    steps: tuple[Step, ...]

    @property
    def ops(self) -> tuple[str, ...]:
        """The names of the ops that occur, each once, sorted."""
        return tuple(sorted({step.op for step in self.steps}))


def outline(data: bytes, name: str) -> Outline:
    """The outline of a model with one int8 input and one int8 output, of its first subgraph.

    Raises `ModelError` for a corrupt file, or for a model of another kind.
    """
    model = flatfile.open_model(data, name)
    with flatfile.corruption_named(name):
        if not model.SubgraphsLength():
            raise ValueError("no subgraph")
        graph = model.Subgraphs(0)
        tensors = flatfile.tables(graph.TensorsLength, graph.Tensors, "tensors")
        return Outline(
            input=_only_end(name, "input", graph.InputsAsNumpy(), tensors),
            output=_only_end(name, "output", graph.OutputsAsNumpy(), tensors),
            steps=_steps(model, graph, tensors),
        )


def _only_end(name: str, what: str, numbers: Any, tensors: Sequence[Any]) -> TensorSpec:
    ends = flatfile.integers(numbers)
    if len(ends) != 1:
        raise ModelError(
            f"{name} has {len(ends)} {what}s, one can be served",
            hint="Convert a model with one input and one output.",
        )
    tensor = tensors[ends[0]]
    found = tensor.Quantization()
    dtype = _ELEMENT_TYPES.get(tensor.Type(), f"type {tensor.Type()}")
    if dtype != "int8" or found is None or found.ScaleLength() != 1 or found.ZeroPointLength() != 1:
        raise ModelError(
            f"the {what} of {name} is {dtype}, not int8 with one scale",
            hint=f"Convert with inference_{what}_type=tf.int8, or use `edgekit quantize`.",
        )
    return TensorSpec(
        name=flatfile.name_of(tensor, ends[0]),
        shape=flatfile.shape_of(tensor)[1:],
        dtype=dtype,
        scale=float(found.Scale(0)),
        zero_point=int(found.ZeroPoint(0)),
    )


def _steps(model: Any, graph: Any, tensors: Sequence[Any]) -> tuple[Step, ...]:
    codes = flatfile.tables(model.OperatorCodesLength, model.OperatorCodes, "operator codes")
    operators = flatfile.tables(graph.OperatorsLength, graph.Operators, "operators")
    return tuple(
        _step(index, flatfile.op_name(codes[found.OpcodeIndex()]), found, tensors)
        for index, found in enumerate(operators)
    )


def _step(index: int, op: str, found: Any, tensors: Sequence[Any]) -> Step:
    inputs = flatfile.integers(found.InputsAsNumpy())
    outputs = flatfile.integers(found.OutputsAsNumpy())
    first = tensors[outputs[0]]
    shape = flatfile.shape_of(first)
    weights = flatfile.shape_of(tensors[inputs[1]]) if len(inputs) > 1 else ()
    return Step(
        index=index,
        op=op,
        name=flatfile.name_of(first, outputs[0]),
        macs=_macs(op, shape, weights),
        output_shape=shape[1:],
        output_bytes=math.prod(shape) * _element_bytes(first.Type()),
    )


def _element_bytes(kind: int) -> int:
    try:
        return int(np.dtype(_ELEMENT_TYPES[kind]).itemsize)
    except (KeyError, TypeError):
        return 1


def _macs(op: str, output: Shape, weights: Shape) -> int:
    """Multiply-accumulates from shapes, of the ops that are made of them."""
    terms = {
        "CONV_2D": weights[1:],
        "DEPTHWISE_CONV_2D": weights[1:3],
        "FULLY_CONNECTED": weights[-1:],
    }
    return math.prod(output) * math.prod(terms[op]) if op in terms else 0
