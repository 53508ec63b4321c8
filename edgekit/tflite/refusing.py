"""Why a graph cannot be compiled ahead of time, all at once, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edgekit.errors import UnsupportedModelError
from edgekit.ir import DType, Graph
from edgekit.ops import operators

_WIDE_INSIDE = "are int16, this is the first; only int8 is compiled"
_WIDE_ENDS = "are int16, the model's ends among them; only int8 is compiled"


def uncompiled(graph: Graph) -> list[str]:
    """Each end and form that is not compiled, with its place; values that are int16 are one."""
    wide = frozenset(
        number
        for number, tensor in enumerate(graph.tensors)
        if tensor.dtype is DType.INT16 and not tensor.constant
    )
    return [
        *_int16_problem(graph, wide),
        *_interface_problems(graph, wide),
        *_form_problems(graph, wide),
    ]


def _int16_problem(graph: Graph, wide: frozenset[int]) -> Iterator[str]:
    """One for all values that are int16: an op apiece would say nothing more."""
    values = {n for op in graph.operations for n in op.outputs}.union(graph.inputs)
    first = next((op for op in graph.operations if wide.intersection(op.inputs + op.outputs)), None)
    if first is not None:
        what = _WIDE_INSIDE if wide.isdisjoint(graph.inputs + graph.outputs) else _WIDE_ENDS
        yield f"{graph.where(first)}: of {len(values)} values {len(wide & values)} {what}"


def _interface_problems(graph: Graph, wide: frozenset[int]) -> list[str]:
    """What the firmware, which knows one input and one output, both int8, cannot serve."""
    problems = []
    for what, numbers in (("input", graph.inputs), ("output", graph.outputs)):
        if len(numbers) != 1:
            problems.append(f"the model has {len(numbers)} {what}s, one can be compiled")
        for tensor in (graph.tensor(number) for number in numbers if number not in wide):
            if tensor.dtype is not DType.INT8 or tensor.quantization is None:
                problems.append(
                    f"{what} {tensor.name} is {tensor.dtype.value}, not quantized int8: "
                    f"convert with inference_{what}_type=tf.int8"
                )
            elif tensor.quantization.per_channel:
                problems.append(f"{what} {tensor.name} has a scale per channel")
    known = operators()
    if all(op.op in known and known[op.op].kernel is None for op in graph.operations):
        problems.append("the model computes nothing")
    return problems


def _form_problems(graph: Graph, wide: frozenset[int]) -> list[str]:
    problems = []
    known = operators()
    for operation in graph.operations:
        operator = known.get(operation.op)
        touches = wide.intersection(operation.inputs + operation.outputs)
        if operator is None or (touches and operator.in_tflm):
            continue
        for constraint in operator.constraints:
            if not constraint(graph, operation):
                rule = " ".join((constraint.__doc__ or "").split())
                problems.append(f"{graph.where(operation)}: not compiled unless: {rule}")
                break
    return problems


def advice(problems: Sequence[str]) -> str:
    """What to do about what cannot be compiled, given as `UnsupportedModelError.problems` are."""
    known = operators()
    places = [problem.split(" #")[0] for problem in problems]
    missing = dict.fromkeys(op for op in places if op in known and not known[op].in_tflm)
    ops, them = ("this op", "it") if len(problems) == 1 else ("these ops", "them")
    if missing:
        return f"Replace {ops} in the model; TensorFlow Lite Micro has no {', '.join(missing)}."
    if any(problem.endswith(_WIDE_INSIDE) for problem in problems):
        return "int16: use --runtime tflm, or quantize without --fix int16."
    if any(problem.endswith(_WIDE_ENDS) for problem in problems):
        return "Convert to int8: `edgekit quantize` does."
    return f"Replace {ops} in the model, or see whether --runtime tflm takes {them}."


def _reasons(problems: Sequence[str]) -> str:
    return "1 reason" if len(problems) == 1 else f"{len(problems)} reasons"


def unsupported(name: str, problems: Sequence[str]) -> UnsupportedModelError:
    """The error for a model of that name, with all its problems and what to do."""
    return UnsupportedModelError(
        f"{name} cannot be compiled ahead of time, for {_reasons(problems)}:",
        problems,
        hint=advice(problems),
    )
