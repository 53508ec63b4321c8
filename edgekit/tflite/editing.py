"""Typed surgery on a `.tflite`: constants, quantizations, types, ops, ends and parts of a graph.

An `Editor` holds one model as objects; nothing is written before `bytes()`. Tensors go by number,
as operators name them; `find` gives the number of a name.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from edgekit.errors import ModelError
from edgekit.ir import Quantization
from edgekit.tflite import flatfile
from edgekit.tflite.rewriting import add_buffer, operator_code, pack, unpack

ABSENT = -1
"""The number that stands for an optional input which is not there."""

_NUMPY_TYPES: dict[int, np.dtype[Any]] = {
    schema.TensorType.FLOAT32: np.dtype("<f4"),
    schema.TensorType.FLOAT16: np.dtype("<f2"),
    schema.TensorType.INT8: np.dtype("i1"),
    schema.TensorType.UINT8: np.dtype("u1"),
    schema.TensorType.INT16: np.dtype("<i2"),
    schema.TensorType.INT32: np.dtype("<i4"),
    schema.TensorType.INT64: np.dtype("<i8"),
    schema.TensorType.BOOL: np.dtype("?"),
}
_TYPE_NUMBERS = {dtype: number for number, dtype in _NUMPY_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Op:
    """One operator: its place in the graph, TFLite's name for it, its tensors, its options.

    `options` is the schema's own object, shared with the model: what is set on it is set.
    """

    index: int
    op: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any


class Editor:
    """One `.tflite` with a single subgraph, open for changes.

    Raises `ModelError` for bytes that are no such file.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.model = unpack(data, name)
        if len(self.model.subgraphs) != 1:
            raise ModelError(
                f"{name} has {len(self.model.subgraphs)} subgraphs, one can be edited",
                hint="Convert a frozen function without control flow.",
            )
        self._graph = self.model.subgraphs[0]
        self._numbers = {_text(t.name): n for n, t in reversed([*enumerate(self._graph.tensors)])}

    def bytes(self) -> bytes:
        """The model as it is now."""
        return pack(self.model)

    def find(self, name: str) -> int:
        """The number of the tensor of that name. Raises `KeyError`."""
        number: int = self._numbers[name]
        return number

    def __contains__(self, name: str) -> bool:
        return name in self._numbers

    def tensor_name(self, tensor: int) -> str:
        """A tensor's name; the converter gives the int8 model those of the float model."""
        return _text(self._graph.tensors[tensor].name)

    @property
    def tensors(self) -> int:
        """How many tensors there are: they are numbered from 0."""
        return len(self._graph.tensors)

    def rename(self, tensor: int, name: str) -> None:
        """Gives a tensor another name, which no other has."""
        found = self._graph.tensors[tensor]
        if self._numbers.get(_text(found.name)) == tensor:
            del self._numbers[_text(found.name)]
        found.name = name.encode()
        self._numbers[name] = tensor

    def shape(self, tensor: int) -> tuple[int, ...]:
        """A tensor's shape, with the batch of 1."""
        found = self._graph.tensors[tensor].shape
        return tuple(int(extent) for extent in (() if found is None else found))

    def dtype(self, tensor: int) -> np.dtype[Any]:
        """A tensor's element type. Raises `ModelError` for one that NumPy has not."""
        number = self._graph.tensors[tensor].type
        if number not in _NUMPY_TYPES:
            raise ModelError(f"{self.name}: {self.tensor_name(tensor)} has element type {number}")
        return _NUMPY_TYPES[number]

    @property
    def inputs(self) -> tuple[int, ...]:
        """The tensors that the model is given."""
        return tuple(int(tensor) for tensor in self._graph.inputs)

    @property
    def outputs(self) -> tuple[int, ...]:
        """The tensors that the model answers with."""
        return tuple(int(tensor) for tensor in self._graph.outputs)

    def set_outputs(self, tensors: Sequence[int]) -> None:
        """Makes the model answer with these tensors, in this order."""
        self._graph.outputs = list(tensors)
        self.model.signatureDefs = None  # they name the outputs that were

    def ops(self) -> Iterator[Op]:
        """Every operator, in the order in which they run."""
        return (self.op(index) for index in range(len(self._graph.operators)))

    def op(self, index: int) -> Op:
        """The operator at `index`."""
        operator = self._graph.operators[index]
        code = self.model.operatorCodes[operator.opcodeIndex]
        return Op(
            index,
            flatfile.op_name_of(code.builtinCode, code.deprecatedBuiltinCode, code.customCode),
            tuple(int(tensor) for tensor in _list(operator.inputs)),
            tuple(int(tensor) for tensor in _list(operator.outputs)),
            operator.builtinOptions,
        )

    def constant(self, tensor: int) -> npt.NDArray[Any] | None:
        """A constant's values, in its type and shape; None for what is computed."""
        if tensor == ABSENT:
            return None
        data = self.model.buffers[self._graph.tensors[tensor].buffer].data
        if not data:
            return None
        return np.frombuffer(data, self.dtype(tensor)).reshape(self.shape(tensor))

    def set_constant(self, tensor: int, values: npt.NDArray[Any]) -> None:
        """Gives a tensor these values, and their shape and type; others keep theirs."""
        found = self._graph.tensors[tensor]
        found.type = _TYPE_NUMBERS[values.dtype.newbyteorder("<")]
        found.shape = list(values.shape)
        data = np.ascontiguousarray(values).tobytes()
        shared = sum(other.buffer == found.buffer for other in self._graph.tensors) > 1
        if shared or found.buffer == 0:  # the first buffer stays empty
            found.buffer = add_buffer(self.model, data)  # the converter shares equal contents
        else:
            self.model.buffers[found.buffer].data = data

    def quantization(self, tensor: int) -> Quantization | None:
        """A tensor's scales and zero points; None where there are none."""
        found = self._graph.tensors[tensor].quantization
        if found is None or found.scale is None or not len(found.scale):
            return None
        return Quantization(
            tuple(float(scale) for scale in found.scale),
            tuple(int(zero) for zero in found.zeroPoint),
            int(found.quantizedDimension),
        )

    def set_quantization(self, tensor: int, quantization: Quantization | None) -> None:
        """Gives a tensor these scales, float32 in the file, and zero points; None takes them."""
        made = None
        if quantization is not None:
            made = schema.QuantizationParametersT()
            made.scale = [float(np.float32(scale)) for scale in quantization.scales]
            made.zeroPoint = list(quantization.zero_points)
            made.quantizedDimension = quantization.axis
        self._graph.tensors[tensor].quantization = made

    def set_range(self, tensor: int, low: float, high: float) -> None:
        """Tells TensorFlow's quantizer which real values a float tensor holds."""
        made = schema.QuantizationParametersT()
        made.min, made.max = [low], [high]
        self._graph.tensors[tensor].quantization = made

    def set_type(self, tensor: int, dtype: npt.DTypeLike) -> None:
        """Changes what a tensor's elements are called; a constant needs `set_constant`."""
        self._graph.tensors[tensor].type = _TYPE_NUMBERS[np.dtype(dtype).newbyteorder("<")]

    def add_tensor(
        self,
        name: str,
        shape: Sequence[int],
        dtype: npt.DTypeLike,
        quantization: Quantization | None = None,
    ) -> int:
        """The number of a new tensor that some op will compute, or `set_constant` fill."""
        made = schema.TensorT()
        made.name, made.shape = name.encode(), list(shape)
        made.buffer = add_buffer(self.model, b"")
        self._graph.tensors.append(made)
        number = len(self._graph.tensors) - 1
        self._numbers[name] = number
        self.set_type(number, dtype)
        self.set_quantization(number, quantization)
        return number

    def insert_op(
        self,
        index: int,
        op: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        *,
        version: int = 1,
        options: Any = None,
    ) -> None:
        """Puts an operator before the one at `index`; `options` is a schema object, as AddOptionsT.

        `version` is that of the op's form: TFLite's runtimes refuse what they do not know.
        """
        made = schema.OperatorT()
        made.opcodeIndex = operator_code(self.model, op, version)
        made.inputs, made.outputs = list(inputs), list(outputs)
        if options is not None:
            made.builtinOptions = options
            made.builtinOptionsType = getattr(
                schema.BuiltinOptions, type(options).__name__.removesuffix("T")
            )
        self._graph.operators.insert(index, made)

    def set_op(
        self,
        index: int,
        *,
        inputs: Sequence[int] | None = None,
        outputs: Sequence[int] | None = None,
    ) -> None:
        """Makes the operator at `index` read or write other tensors."""
        operator = self._graph.operators[index]
        if inputs is not None:
            operator.inputs = list(inputs)
        if outputs is not None:
            operator.outputs = list(outputs)

    def remove_ops(self, indices: Iterable[int]) -> None:
        """Takes operators out; what they made must be a constant, or used by nobody."""
        gone = set(indices)
        kept = enumerate(self._graph.operators)
        self._graph.operators = [op for index, op in kept if index not in gone]

    def only(self, indices: Iterable[int], outputs: Sequence[int]) -> Editor:
        """Some operators that read constants alone, as a model without inputs; tensors keep their
        numbers. It names no other op, for an interpreter refuses what it only names too."""
        made = copy.copy(self)
        made.model, graph = copy.copy(self.model), copy.copy(self._graph)
        graph.operators = [copy.copy(self._graph.operators[index]) for index in indices]
        used = sorted({operator.opcodeIndex for operator in graph.operators})
        made.model.operatorCodes = [self.model.operatorCodes[code] for code in used]
        for operator in graph.operators:
            operator.opcodeIndex = used.index(operator.opcodeIndex)
        graph.inputs, graph.outputs = [], list(outputs)
        made._graph, made.model.subgraphs = graph, [graph]
        made.model.metadata = made.model.signatureDefs = None
        return made

    def part(self, start: int, stop: int, outputs: Sequence[int]) -> Editor:
        """The operators from `start` to before `stop` as a model; tensors get new numbers.

        It takes what these operators read from before them, in order of first use, and answers
        with `outputs`. Names stay.
        """
        operators = self._graph.operators[start:stop]
        made = copy.copy(self)
        made.model = copy.copy(self.model)
        graph = copy.copy(self._graph)
        graph.operators = [copy.copy(operator) for operator in operators]
        graph.inputs, graph.outputs = list(self._read_by(operators)), list(outputs)
        made._graph, made.model.subgraphs = graph, [graph]
        made.model.metadata = made.model.signatureDefs = None
        _renumber(made.model, graph)
        made._numbers = {_text(t.name): n for n, t in enumerate(graph.tensors)}
        return made

    def _read_by(self, operators: Sequence[Any]) -> dict[int, None]:
        """What these operators read and none of them makes, constants left out."""
        needed: dict[int, None] = {}
        made: set[int] = set()
        for operator in operators:
            for tensor in _list(operator.inputs):
                if tensor not in made and self.constant(tensor) is None and tensor != ABSENT:
                    needed[int(tensor)] = None
            made.update(_list(operator.outputs))
        return needed


def _renumber(model: Any, graph: Any) -> None:
    """Drops the tensors and buffers that nothing in the graph uses."""
    used = dict.fromkeys([*graph.inputs, *graph.outputs])
    for operator in graph.operators:
        used.update(dict.fromkeys([*_list(operator.inputs), *_list(operator.outputs)]))
    used.pop(ABSENT, None)
    numbers = {ABSENT: ABSENT, **{int(old): new for new, old in enumerate(used)}}
    graph.tensors = [copy.copy(graph.tensors[old]) for old in used]
    buffers = [model.buffers[0]]
    for tensor in graph.tensors:
        buffers.append(copy.copy(model.buffers[tensor.buffer]))
        tensor.buffer = len(buffers) - 1
    model.buffers = buffers
    for operator in graph.operators:
        operator.inputs = [numbers[int(tensor)] for tensor in _list(operator.inputs)]
        operator.outputs = [numbers[int(tensor)] for tensor in _list(operator.outputs)]
    graph.inputs = [numbers[tensor] for tensor in graph.inputs]
    graph.outputs = [numbers[tensor] for tensor in graph.outputs]


def _list(vector: Any) -> Any:
    return () if vector is None else vector


def _text(name: Any) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name or "")
