"""Small .tflite models, built in memory: one op, or a few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

_TYPES = {
    "int8": schema.TensorType.INT8,
    "uint8": schema.TensorType.UINT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
    "float16": schema.TensorType.FLOAT16,
    "float32": schema.TensorType.FLOAT32,
}


@dataclass(frozen=True)
class Value:
    """A tensor to be: with `data` it is a constant. `scale` and `zero_point` may be sequences."""

    shape: tuple[int, ...]
    scale: float | Sequence[float] | None = None
    zero_point: int | Sequence[int] = 0
    dtype: str = "int8"
    data: npt.NDArray[Any] | None = None
    axis: int = 0
    name: str = ""


def constant(data: npt.NDArray[Any], **quantization: Any) -> Value:
    """A constant tensor of the array's own shape and type."""
    return Value(data.shape, dtype=data.dtype.name, data=data, **quantization)


class ModelBuilder:
    """Gathers tensors and ops, then writes the flatbuffer."""

    def __init__(self) -> None:
        self._buffers = [_buffer(None)]
        self._tensors: list[Any] = []
        self._codes: list[tuple[str, int]] = []
        self._operators: list[Any] = []

    def tensor(self, value: Value) -> int:
        """Adds a tensor; its number."""
        tensor = schema.TensorT()
        tensor.name = value.name or f"t{len(self._tensors)}"
        tensor.shape = list(value.shape)
        tensor.type = _TYPES[value.dtype]
        tensor.quantization = _quantization(value)
        tensor.buffer = 0
        if value.data is not None:
            tensor.buffer = len(self._buffers)
            self._buffers.append(_buffer(value.data))
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def op(
        self,
        name: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: Any = None,
        version: int = 1,
    ) -> None:
        """Adds an op over tensor numbers; `options` is the schema's `…OptionsT` object."""
        code = (name, version)
        if code not in self._codes:
            self._codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = self._codes.index(code)
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        if options is not None:
            table = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            operator.builtinOptions = options
        self._operators.append(operator)

    def finish(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """The .tflite file."""
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self._tensors, self._operators
        graph.inputs, graph.outputs = list(inputs), list(outputs)
        graph.name = "main"
        model = schema.ModelT()
        model.version = 3
        model.description = "made by a test"
        model.subgraphs = [graph]
        model.buffers = self._buffers
        model.operatorCodes = [_operator_code(*code) for code in self._codes]
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def single_op(
    op: str,
    inputs: Sequence[Value | None],
    output: Value | Sequence[Value],
    options: Any = None,
    version: int = 1,
    *,
    result: int = 0,
) -> bytes:
    """A model of one op; its inputs that are not constants are the model's (None is left out).

    Of several outputs the model gives the one at `result`.
    """
    builder = ModelBuilder()
    numbers = [-1 if value is None else builder.tensor(value) for value in inputs]
    outputs = [builder.tensor(value) for value in several(output)]
    builder.op(op, numbers, outputs, options, version)
    variable = [
        number
        for number, value in zip(numbers, inputs, strict=True)
        if value is not None and value.data is None
    ]
    return builder.finish(list(dict.fromkeys(variable)), [outputs[result]])


def several(output: Value | Sequence[Value]) -> Sequence[Value]:
    """An op's outputs, of which most ops have one."""
    return [output] if isinstance(output, Value) else output


def _buffer(data: npt.NDArray[Any] | None) -> Any:
    buffer = schema.BufferT()
    if data is not None:
        buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
    return buffer


def _quantization(value: Value) -> Any:
    if value.scale is None:
        return None
    quantization = schema.QuantizationParametersT()
    quantization.scale = np.atleast_1d(np.asarray(value.scale, np.float32))
    zero_points = np.atleast_1d(np.asarray(value.zero_point, np.int64))
    quantization.zeroPoint = np.broadcast_to(zero_points, quantization.scale.shape).copy()
    quantization.quantizedDimension = value.axis
    return quantization


def _operator_code(name: str, version: int) -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, name)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = version
    return code
