"""DEQUANTIZE: the real values that int8 stand for, as a model's last op."""

from __future__ import annotations

from typing import Any

from edgekit.ir import DType, Graph, Operation
from edgekit.ops.forms import counts, is_int8_per_tensor, variable_input
from edgekit.ops.operator import KernelCall, NoAttributes, Operator, TensorPointer


def int8_to_float32(graph: Graph, operation: Operation) -> bool:
    """Its input is int8 with one scale and one zero point, and its output is float32."""
    source, target = (graph.tensor(n) for n in (operation.inputs[0], operation.outputs[0]))
    same = source.shape == target.shape
    return is_int8_per_tensor(source) and target.dtype is DType.FLOAT32 and same


def makes_the_result(graph: Graph, operation: Operation) -> bool:
    """Its output is the model's, and nothing else reads it: no float is computed with."""
    target = operation.outputs[0]
    return target in graph.outputs and not any(target in op.inputs for op in graph.operations)


class Dequantize(Operator):
    """The op. It stands outside of an inference: see `edgekit.tflite.ends`."""

    name = "DEQUANTIZE"
    kernel = "ek_dequantize_s8.h"
    constraints = (counts(1), int8_to_float32, variable_input, makes_the_result)

    def attributes(self, options: Any) -> NoAttributes:  # noqa: ARG002
        """None: the tensors' quantization says all."""
        return NoAttributes()

    def lower(self, graph: Graph, operation: Operation) -> KernelCall:
        """One call of ek_dequantize_s8."""
        (source,), (target,) = operation.inputs, operation.outputs
        quantization = graph.tensor(source).quantization
        assert quantization is not None
        return KernelCall(
            function="ek_dequantize_s8",
            header=self.kernel,
            parameters={
                "count": graph.tensor(source).elements,
                "zero_point": quantization.zero_point,
            },
            arguments=(TensorPointer(source), TensorPointer(target)),
            reals={"scale": quantization.scale},
        )


OPERATOR = Dequantize()
