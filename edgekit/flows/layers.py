"""Which layer is the first whose values are wrong."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Step
from edgekit.codegen.optimizing import optimized
from edgekit.errors import MissingToolError, ToolError, UnsupportedModelError
from edgekit.ir import short_name
from edgekit.runtimes import litert
from edgekit.runtimes.native import NativeModel
from edgekit.tflite import read_graph
from edgekit.tflite.outline import outline

Int8 = npt.NDArray[np.int8]


def first_wrong_step(model: bytes, x: Int8, crcs: Sequence[int], steps: Sequence[Step]) -> str:
    """The first step of compiled code whose output's CRC-32 is not what it should be for one input
    `x [1, ...]`; empty when there is none, or the steps are not known."""
    expected = _values_by_name(model, x)
    for step, crc in zip(steps, crcs, strict=False):
        wanted = expected.get(step.name)
        if wanted is not None and len(wanted) == step.output_bytes and zlib.crc32(wanted) != crc:
            return f"step {step.index}, {step.op} ({short_name(step.name)})"
    return ""


def _values_by_name(model: bytes, x: Int8) -> Mapping[str, bytes]:
    """What each step should make, by its output's name.

    By the graph after the passes, if that gives the model's output as LiteRT does: only there are
    channels in the order in which the compiled code keeps them. Else by LiteRT.
    """
    tensors = litert.Interpreter(model, keep_tensors=True).tensors(x)
    wanted = {name: values.tobytes() for name, values in tensors.items()}
    try:
        graph = optimized(read_graph(model, "model")).graph
        values = NativeModel(graph, threads=1, keep=True).values(x)
    except (MissingToolError, ToolError, UnsupportedModelError):
        return wanted
    found = {
        graph.tensor(operation.outputs[0]).name: made.tobytes()
        for operation, made in zip(graph.operations, values, strict=True)
    }
    last = graph.tensor(graph.outputs[0]).name
    return found if found.get(last) == wanted.get(last) else wanted


def first_wrong_tensor(
    model: bytes, x: Int8, look: Callable[[Iterable[int]], Mapping[int, bytes]]
) -> str:
    """The first op whose output is not LiteRT's for one input `x [1, ...]`; empty when there is
    none. `look` gives the values of tensors by their numbers in the file."""
    interpreter = litert.Interpreter(model, keep_tensors=True)
    expected, numbers = interpreter.tensors(x), interpreter.tensor_numbers
    steps = [step for step in outline(model, "model").steps if step.name in expected]
    found = look(numbers[step.name] for step in steps)
    for step in steps:
        if found[numbers[step.name]] != expected[step.name].tobytes():
            return f"op {step.index}, {step.op} ({short_name(step.name)})"
    return ""
