"""Layers of a .tflite file as calls of CMSIS-NN: parameters, arrays, and the bytes they must give.

What TensorFlow Lite Micro computes of the file when it starts, edgekit's own operators know too.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops import operators
from edgekit.ops.operator import Constant, KernelCall
from edgekit.runtimes import tflm
from edgekit.tflite import read_graph
from edgekit.tflite.editing import Editor

_HEADER = (Path(__file__).parent / "harness" / "layer.h").read_text(encoding="utf-8")
FIELDS = re.findall(r"int32_t (\w+);", _HEADER)
"""Of a layer, in their order."""
OPS = re.findall(r"[A-Z0-9_]+", re.findall(r"enum \{(.*?)\}", _HEADER)[0])
"""The ops that have calls, by their numbers."""
_COUNT_BYTES = _ALIGNMENT = 16
_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


@dataclass(frozen=True)
class Layer:
    """A call. `macs` are multiply-accumulates, or outputs where there are none; `arrays` are named
    as the fields that hold their places."""

    name: str
    op: str
    macs: int
    fields: dict[str, int]
    arrays: dict[str, npt.NDArray[Any]]

    @property
    def bytes(self) -> int:
        """About what it takes in flash."""
        return sum(array.nbytes + _ALIGNMENT for array in self.arrays.values())


def layers(model: bytes) -> tuple[Layer, ...]:
    """All that have a call, with inputs and outputs as TFLM has them for an input that is drawn."""
    graph = read_graph(model, "model")
    asked = {number for op in _calls(graph) for number in (*op.inputs, *op.outputs)}
    variable = [number for number in asked if number >= 0 and not graph.tensor(number).constant]
    (source,) = (graph.tensor(number) for number in graph.inputs)
    drawn = np.random.default_rng(1).integers(-128, 128, source.shape, dtype=np.int8)
    with tflm.Worker() as worker:
        values = worker.tensors(_unjoined(model), drawn, numbers=variable)
    return tuple(layers_of(graph, values))


def _unjoined(model: bytes) -> bytes:
    """Without the CONCATENATION that ends it, if one does: TFLM joins ten tensors at most."""
    editor = Editor(model, "model")
    *_, last = editor.ops()
    if last.op == "CONCATENATION":
        editor.remove_ops([last.index])
        editor.set_outputs(last.inputs)
    return editor.bytes()


def layers_of(graph: Graph, values: Mapping[int, bytes]) -> Iterator[Layer]:
    """The same, given the values of tensors by number."""
    for operation in _calls(graph):
        target = graph.tensor(operation.outputs[0])
        arrays = _arrays(graph, operation, values)
        fields = {"op": OPS.index(operation.op), "rows": 1, "outputs": target.elements}
        fields |= _fields(graph, operation)
        macs = operators()[operation.op].macs(graph, operation) or target.elements
        yield Layer(target.name, operation.op, macs, fields, arrays)


def pack(found: Sequence[Layer]) -> bytes:
    """How many, the layers as layer.h has them, and their arrays."""
    places = bytearray(_aligned(len(found) * 4 * len(FIELDS)))
    for number, layer in enumerate(found):
        fields = dict(layer.fields)
        for name, array in layer.arrays.items():
            fields[name] = len(places)
            places += array.tobytes()
            places += bytes(_aligned(len(places)) - len(places))
        values = [fields.pop(name, 0) for name in FIELDS]
        assert not fields, fields
        struct.pack_into(f"<{len(FIELDS)}i", places, number * 4 * len(FIELDS), *values)
    return struct.pack("<i", len(found)).ljust(_COUNT_BYTES, b"\0") + places


def parts(found: Iterable[Layer], most_bytes: int) -> Iterator[list[Layer]]:
    """All layers in their order, so many at once as have room."""
    part: list[Layer] = []
    for layer in found:
        if part and sum(one.bytes for one in part) + layer.bytes > most_bytes:
            yield part
            part = []
        part.append(layer)
    if part:
        yield part


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _calls(graph: Graph) -> Iterator[Operation]:
    return (operation for operation in graph.operations if operation.op in OPS)


def _arrays(
    graph: Graph, operation: Operation, values: Mapping[int, bytes]
) -> dict[str, npt.NDArray[Any]]:
    def value(number: int) -> npt.NDArray[Any]:
        return np.frombuffer(values[number], np.int8)

    found = {"first": value(operation.inputs[0]), "expected": value(operation.outputs[0])}
    if operation.op == "ADD":
        found["second"] = value(operation.inputs[1])
    if operation.op in _WEIGHTED:
        found["weights"] = graph.tensor(operation.inputs[1]).data
        if len(operation.inputs) > 2 and operation.inputs[2] >= 0:
            found["bias"] = graph.tensor(operation.inputs[2]).data
        lowered = _constants(_lowered(graph, operation))
        found |= {name: lowered[name].astype(np.int32) for name in ("multiplier", "shift")}
    return found


def _fields(graph: Graph, operation: Operation) -> dict[str, int]:
    if operation.op == "ADD":
        return operators()["ADD"].scaling(graph, operation)
    by = dict(_lowered(graph, operation).parameters)
    for ours, theirs in (("window_h", "kernel_h"), ("window_w", "kernel_w"), ("ch", "in_ch")):
        if ours in by:
            by[theirs] = by[ours]
    by.setdefault("out_ch", by["in_ch"])
    if operation.op in _WEIGHTED:
        by["kernel_ch"] = graph.tensor(operation.inputs[1]).shape[-1]
        by["first_offset"] = -graph.tensor(operation.inputs[0]).quantization.zero_point
    return {name: by[name] for name in FIELDS if name in by}


def _lowered(graph: Graph, operation: Operation) -> KernelCall:
    """edgekit's portable call, whose parameters are those of TFLite."""
    return operators()[operation.op].lower(graph, operation)


def _constants(call: KernelCall) -> dict[str, npt.NDArray[Any]]:
    return {one.role: one.values for one in call.arguments if isinstance(one, Constant)}
