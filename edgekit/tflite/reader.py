"""Reads a .tflite file into a graph that can be lowered, or names all that stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from edgekit.errors import ModelError
from edgekit.ir import DType, Graph, Operation, Quantization, Tensor, breaches, short_name
from edgekit.ops import operators
from edgekit.tflite import flatfile
from edgekit.tflite.ends import int8_part
from edgekit.tflite.folding import folded
from edgekit.tflite.refusing import uncompiled, unsupported

_DTYPES = {
    schema.TensorType.INT8: DType.INT8,
    schema.TensorType.UINT8: DType.UINT8,
    schema.TensorType.INT16: DType.INT16,
    schema.TensorType.INT32: DType.INT32,
    schema.TensorType.INT64: DType.INT64,
    schema.TensorType.FLOAT32: DType.FLOAT32,
    schema.TensorType.BOOL: DType.BOOL,
}
_OPTION_NAMES: dict[int, str] = {
    number: name for name, number in vars(schema.BuiltinOptions).items() if isinstance(number, int)
}


def read_graph(data: bytes, name: str) -> Graph:
    """The graph of a .tflite file whose every op can be compiled; of one with other types at its
    ends its int8 part, and without the ops that compute constants of constants.

    Raises `ModelError` for a file that is corrupt or breaks a rule of `edgekit.ir.spec`, and
    `UnsupportedModelError`, naming every op and form that cannot be compiled, with its place.
    """
    data = folded(int8_part(data, name).data, name)
    model = flatfile.open_model(data, name)
    with flatfile.corruption_named(name):
        reader = _Reader(data, model, name)
        tensors = reader.tensors()
        operations = reader.operations(tensors)
        inputs = flatfile.integers(reader.subgraph.InputsAsNumpy())
        outputs = flatfile.integers(reader.subgraph.OutputsAsNumpy())
    graph = Graph(name, tensors, operations, inputs, outputs)
    if reader.problems and breaches(graph):
        # Such ops may follow other rules than ours: no reason to call the model broken.
        raise unsupported(name, reader.problems)
    _refuse_broken(graph)
    problems = [*reader.problems, *uncompiled(graph)]
    if problems:
        raise unsupported(name, problems)
    return graph


class _Reader:
    """One pass over the tables; collects what cannot be compiled in `problems`."""

    def __init__(self, data: bytes, model: Any, name: str) -> None:
        if model.SubgraphsLength() != 1:
            raise ModelError(
                f"{name} has {model.SubgraphsLength()} subgraphs, one can be compiled",
                hint="Convert a frozen function without control flow.",
            )
        self.problems: list[str] = []
        self.subgraph = model.Subgraphs(0)
        self._data = data
        self._codes = flatfile.tables(
            model.OperatorCodesLength, model.OperatorCodes, "operator codes"
        )
        self._buffers = flatfile.tables(model.BuffersLength, model.Buffers, "buffers")

    def tensors(self) -> tuple[Tensor, ...]:
        """Every tensor of the subgraph."""
        found = flatfile.tables(self.subgraph.TensorsLength, self.subgraph.Tensors, "tensors")
        return tuple(self._tensor(tensor, number) for number, tensor in enumerate(found))

    def _tensor(self, tensor: Any, number: int) -> Tensor:
        name, shape = flatfile.name_of(tensor, number), flatfile.shape_of(tensor)
        dtype = _DTYPES.get(tensor.Type())
        if dtype is None:
            self.problems.append(f"tensor {name}: its element type {tensor.Type()} is not compiled")
            dtype = DType.INT8
        for ability, used in (("sparse", tensor.Sparsity()), ("variable", tensor.IsVariable())):
            if used:
                self.problems.append(f"tensor {name}: {ability} tensors are not compiled")
        contents = self._contents(tensor)
        values = None if contents is None else _constant(contents, shape, dtype, name)
        return Tensor(name, shape, dtype, self._quantization(tensor, name), values)

    def _contents(self, tensor: Any) -> memoryview | None:
        if tensor.Buffer() >= len(self._buffers):
            raise ValueError(f"buffer {tensor.Buffer()} of {len(self._buffers)}")
        return flatfile.buffer_bytes(self._data, self._buffers[tensor.Buffer()])

    def _quantization(self, tensor: Any, name: str) -> Quantization | None:
        found = tensor.Quantization()
        if found is None or found.ScaleIsNone() or not found.ScaleLength():
            return None
        if found.DetailsType():
            self.problems.append(f"tensor {name}: custom quantization is not compiled")
        return Quantization(
            scales=tuple(float(scale) for scale in found.ScaleAsNumpy()),
            zero_points=flatfile.integers(found.ZeroPointAsNumpy(), most=found.ScaleLength()),
            axis=found.QuantizedDimension(),
        )

    def operations(self, tensors: Sequence[Tensor]) -> tuple[Operation, ...]:
        """Every operation; one without a module in `edgekit.ops` is also a problem."""
        found = flatfile.tables(self.subgraph.OperatorsLength, self.subgraph.Operators, "operators")
        return tuple(
            self._operation(operator, index, tensors) for index, operator in enumerate(found)
        )

    def _operation(self, found: Any, index: int, tensors: Sequence[Tensor]) -> Operation:
        name = self._op_name(found.OpcodeIndex())
        outputs = flatfile.integers(found.OutputsAsNumpy())
        place = f"{name} #{index}"
        if outputs and 0 <= outputs[0] < len(tensors):
            place += f" ({short_name(tensors[outputs[0]].name)})"
        operator, attributes = operators().get(name), None
        if operator is None:
            self.problems.append(f"{place}: this op is not compiled")
        else:
            options = self._options(found, operator.options_table, place)
            attributes = operator.attributes(options)
        inputs = flatfile.integers(found.InputsAsNumpy())
        return Operation(name, inputs, outputs, attributes, index)

    def _op_name(self, code: int) -> str:
        if code >= len(self._codes):
            raise ValueError(f"operator code {code} of {len(self._codes)}")
        return flatfile.op_name(self._codes[code])

    def _options(self, found: Any, wanted: str | None, place: str) -> Any:
        kind, table = found.BuiltinOptionsType(), found.BuiltinOptions()
        if wanted is not None and _OPTION_NAMES.get(kind) != wanted:
            raise ValueError(f"{place} has {_OPTION_NAMES.get(kind, kind)} for its options")
        return schema.BuiltinOptionsCreator(kind, table)


def _constant(
    contents: memoryview, shape: tuple[int, ...], dtype: DType, name: str
) -> npt.NDArray[Any]:
    expected = int(np.prod(shape, dtype=np.int64)) * dtype.bytes
    if len(contents) != expected:
        raise ValueError(f"{name}: {len(contents)} bytes of data, shape {list(shape)}")
    return np.frombuffer(contents, np.dtype(dtype.value).newbyteorder("<")).reshape(shape)


def _refuse_broken(graph: Graph) -> None:
    broken = breaches(graph)
    if broken:
        lines = [f"{graph.name} is not a valid model:", *(f"  {text}" for text in broken[:20])]
        raise ModelError("\n".join(lines), hint="Convert or download the model again.")
