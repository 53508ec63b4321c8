"""Constraints that several ops share. A docstring is the message that a user reads."""

from __future__ import annotations

import sys

from edgekit.fixedpoint import quantize_multiplier
from edgekit.ir import DType, Graph, Operation, Quantization, Tensor
from edgekit.ops.operator import Constraint

ANY_NUMBER = range(1, sys.maxsize)
"""One or more tensors."""


def counts(inputs: range | int, outputs: range | int = 1) -> Constraint:
    """A constraint on how many inputs and outputs there are: a number, or a range of them."""
    allowed, made = _as_range(inputs), _as_range(outputs)

    def has_the_right_number_of_tensors(_graph: Graph, operation: Operation) -> bool:
        present = [number for number in operation.inputs if number >= 0]
        return (
            len(operation.inputs) in allowed
            and len(present) >= allowed.start
            and operation.inputs[: allowed.start] == tuple(present[: allowed.start])
            and len(operation.outputs) in made
        )

    has_the_right_number_of_tensors.__doc__ = (
        f"It has {_span(allowed, 'input')} and {_span(made, 'output')}."
    )
    return has_the_right_number_of_tensors


def _as_range(allowed: range | int) -> range:
    return range(allowed, allowed + 1) if isinstance(allowed, int) else allowed


def _span(allowed: range, noun: str) -> str:
    """``1 input``, ``2 inputs``, ``2 to 3 inputs``, ``1 or more inputs``."""
    if allowed == ANY_NUMBER:
        return f"1 or more {noun}s"
    most = allowed.stop - 1
    text = str(most) if len(allowed) == 1 else f"{allowed.start} to {most}"
    return f"{text} {noun}" if most == 1 else f"{text} {noun}s"


def int8_per_tensor(graph: Graph, operation: Operation) -> bool:
    """Its first input and its output are int8, each with one scale and one zero point."""
    ends = (graph.tensor(operation.inputs[0]), graph.tensor(operation.outputs[0]))
    return all(is_int8_per_tensor(tensor) for tensor in ends)


def batch_of_one(graph: Graph, operation: Operation) -> bool:
    """Its first input and its output have four dimensions, [1, h, w, ch]: a batch of one."""
    ends = (graph.tensor(operation.inputs[0]), graph.tensor(operation.outputs[0]))
    return all(len(tensor.shape) == 4 and tensor.shape[0] == 1 for tensor in ends)


def known_activation(_graph: Graph, operation: Operation) -> bool:
    """Its fused activation is NONE, RELU, RELU_N1_TO_1 or RELU6."""
    return operation.attributes.activation is not None


def variable_input(graph: Graph, operation: Operation) -> bool:
    """Its first input is not constant."""
    return not graph.tensor(operation.inputs[0]).constant


def same_quantization(graph: Graph, operation: Operation) -> bool:
    """Its output has the scale and the zero point of its first input."""
    source, target = end_quantizations(graph, operation)
    return (source.scale, source.zero_point) == (target.scale, target.zero_point)


def scales_are_near(graph: Graph, operation: Operation) -> bool:
    """Its input's scale is less than 2^22 times its output's."""
    source, target = end_quantizations(graph, operation)
    # 255 << 22 is the last that fits in 32 bits.
    return quantize_multiplier(source.scale / target.scale)[1] <= 22


def end_quantizations(graph: Graph, operation: Operation) -> tuple[Quantization, Quantization]:
    """The quantization of the first input and of the output, which are known to have one."""
    source = graph.tensor(operation.inputs[0]).quantization
    target = graph.tensor(operation.outputs[0]).quantization
    assert source is not None
    assert target is not None
    return source, target


def is_int8_per_tensor(tensor: Tensor) -> bool:
    """Whether a tensor is int8 with one scale, and a zero point that an int8 holds."""
    quantization = tensor.quantization
    return (
        tensor.dtype is DType.INT8
        and quantization is not None
        and not quantization.per_channel
        and -128 <= quantization.zero_point <= 127
    )


def constant_integers(tensor: Tensor) -> tuple[int, ...] | None:
    """The values of a constant int32 or int64 tensor; None for any other."""
    if tensor.data is None or tensor.dtype not in (DType.INT32, DType.INT64):
        return None
    return tuple(int(value) for value in tensor.data.reshape(-1))
