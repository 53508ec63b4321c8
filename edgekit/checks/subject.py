"""What the rules look at: a .tflite file's interface and activations, read leniently.

`edgekit.tflite.read_graph` refuses what cannot be compiled; a check has to say why, and to look at
models that only TFLM can run. So this reads just enough of any file that is not corrupt.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from edgekit.artifacts import Diagnosis, Preprocessing
from edgekit.boards import Board
from edgekit.checks.thresholds import Thresholds
from edgekit.errors import ModelError, UnsupportedModelError
from edgekit.ir import Graph
from edgekit.planner import Plan, plan
from edgekit.runtimes import tflm
from edgekit.tflite import flatfile, read_graph
from edgekit.tflite.ends import int8_part

_TYPE_NAMES: dict[int, str] = {
    number: name.lower()
    for name, number in vars(schema.TensorType).items()
    if isinstance(number, int)
}


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """A tensor as the file has it. `signature` has -1 where the converter left a size open."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    signature: tuple[int, ...]
    scale: float | None
    zero_point: int | None
    constant: bool

    @property
    def low(self) -> float:
        """The smallest real value that int8 holds; needs a scale."""
        assert self.scale is not None
        return self.scale * (-128 - (self.zero_point or 0))

    @property
    def high(self) -> float:
        """The largest real value that int8 holds; needs a scale."""
        assert self.scale is not None
        return self.scale * (127 - (self.zero_point or 0))


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the float and the int8 model say to the same images, scores [n, classes] of each."""

    floats: npt.NDArray[Any]
    ints: npt.NDArray[Any]


class Subject:
    """One model under check, with what it is meant for and what was seen of it.

    It is the model's int8 part, see `edgekit.tflite.ends`.

    Raises `ModelError` for a corrupt file.
    """

    def __init__(
        self,
        data: bytes,
        name: str,
        *,
        runtime: str,
        board: Board | None = None,
        preprocessing: Preprocessing | None = None,
        answers: Answers | None = None,
        diagnosis: Diagnosis | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self.part = int8_part(data, name)
        self.data, self.name, self.runtime = self.part.data, name, runtime
        self.board, self.preprocessing = board, preprocessing
        self.answers, self.diagnosis = answers, diagnosis
        self.thresholds = thresholds or Thresholds()
        model = flatfile.open_model(self.data, name)
        with flatfile.corruption_named(name):
            self._read(model, model.Subgraphs(0))
        self.graph: Graph | None = None
        self.problems: tuple[str, ...] = ()
        try:
            self.graph = read_graph(self.data, name)
        except UnsupportedModelError as error:
            self.problems = error.problems

    def _read(self, model: Any, subgraph: Any) -> None:
        buffers = flatfile.tables(model.BuffersLength, model.Buffers, "buffers")
        found = flatfile.tables(subgraph.TensorsLength, subgraph.Tensors, "tensors")
        self.tensors = tuple(_facts(tensor, n, buffers) for n, tensor in enumerate(found))
        inputs = flatfile.integers(subgraph.InputsAsNumpy())
        outputs = flatfile.integers(subgraph.OutputsAsNumpy())
        self.inputs = tuple(self.tensors[number] for number in inputs)
        self.outputs = tuple(self.tensors[number] for number in outputs)

    @cached_property
    def plan(self) -> Plan | None:
        """edgekit's memory plan; None when the model cannot be compiled ahead of time."""
        return plan(self.graph) if self.graph else None

    @cached_property
    def tflm_arena(self) -> int | ModelError | None:
        """Bytes of TFLM's arena, or why it refuses the model; None where it is not installed."""
        if not tflm.available():
            return None
        try:
            return tflm.arena_bytes(self.data)
        except ModelError as error:
            return error


def _facts(tensor: Any, number: int, buffers: list[Any]) -> TensorFacts:
    shape = flatfile.shape_of(tensor)
    signature = flatfile.integers(tensor.ShapeSignatureAsNumpy())
    found = tensor.Quantization()
    scaled = found is not None and found.ScaleLength() == 1 and found.ZeroPointLength() == 1
    buffer = buffers[tensor.Buffer()]
    return TensorFacts(
        name=flatfile.name_of(tensor, number),
        dtype=_TYPE_NAMES.get(tensor.Type(), f"type {tensor.Type()}"),
        shape=shape,
        signature=signature or shape,
        scale=float(found.Scale(0)) if scaled else None,
        zero_point=int(found.ZeroPoint(0)) if scaled else None,
        constant=buffer.DataLength() > 0 or buffer.Size() > 0,
    )
