"""Where a .tflite file clamps to [0, 6], and whether int8 does it well.

Healthy is a RELU6 fused into the op before it, whose output has the scale 6/255 and the zero
point -128: all 256 levels lie in [0, 6], and the clamp costs nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from edgekit.ir import short_name
from edgekit.tflite import flatfile
from edgekit.tflite.rewriting import operator_code, pack, unpack

_OP_NAMES: dict[int, str] = {
    number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)
}
_RELU6 = schema.ActivationFunctionType.RELU6
_FUSING = {
    getattr(schema.BuiltinOptions, name): getattr(schema, name)
    for name in (
        "AddOptions",
        "ConcatenationOptions",
        "Conv2DOptions",
        "DepthwiseConv2DOptions",
        "DivOptions",
        "FullyConnectedOptions",
        "L2NormOptions",
        "MulOptions",
        "Pool2DOptions",
        "SubOptions",
        "TransposeConvOptions",
    )
}
_LEVELS = 255
_RELU_VERSION = 2  # the first that rescales from its input's quantization to its output's


class ClampState(enum.Enum):
    """What is to be said of one clamp."""

    HEALTHY = "healthy"
    WIDE = "range wider than [0, 6]"
    NARROW = "range ends below 6"
    STANDALONE = "standalone RELU6"
    FLOAT = "not quantized"


@dataclass(frozen=True, slots=True)
class Clamp:
    """One RELU6. `low` and `high` are the real values that its int8 output can hold.

    `same_quantization` says, for a standalone RELU6, that input and output have the same scale
    and zero point: only then is TFLM's kernel right.
    """

    index: int
    op: str
    name: str
    state: ClampState
    low: float = 0.0
    high: float = 6.0
    same_quantization: bool = True

    @property
    def where(self) -> str:
        """Its place in words, as `Graph.where` gives it."""
        return f"{self.op} #{self.index} ({short_name(self.name)})"

    @property
    def harmful(self) -> bool:
        """Whether a runtime computes it wrongly: TFLM ignores a standalone RELU6's output scale."""
        return self.state is ClampState.STANDALONE and not self.same_quantization

    @property
    def repairable(self) -> bool:
        """Whether a RELU does the same: the output can hold nothing above 6."""
        return self.state is ClampState.STANDALONE and self.high <= 6 * (1 + 1e-6)

    @property
    def wasted_levels(self) -> int:
        """How many of int8's 256 levels lie outside [0, 6], where no value can be."""
        step = (self.high - self.low) / _LEVELS
        outside = max(0.0, self.high - 6) + max(0.0, -self.low)
        return round(outside / step)


def clamps(data: bytes, name: str) -> tuple[Clamp, ...]:
    """Every RELU6 of a .tflite file, fused or standalone, in the file's order.

    Raises `ModelError` for bytes that are no .tflite file.
    """
    model = flatfile.open_model(data, name)
    with flatfile.corruption_named(name):
        graph = model.Subgraphs(0)
        return tuple(_clamp(graph, *found) for found in _relu6_ops(model, graph))


def lost_clamps(float_model: bytes, int8_model: bytes, name: str) -> tuple[str, ...]:
    """Names of tensors that the float model clamps to [0, 6] and the int8 model lets above 6.

    An int8 tensor of that name whose range ends at 6 is clamped by its range.
    """
    clamped = {clamp.name for clamp in clamps(float_model, name)}
    kept = {clamp.name for clamp in clamps(int8_model, name)}
    model = flatfile.open_model(int8_model, name)
    with flatfile.corruption_named(name):
        graph = model.Subgraphs(0)
        ranges = {
            flatfile.name_of(tensor, number): _range(tensor)
            for number, tensor in enumerate(map(graph.Tensors, range(graph.TensorsLength())))
        }
    return tuple(
        tensor
        for tensor in sorted(clamped - kept)
        if (found := ranges.get(tensor)) is not None and found[1] > 6.0 * (1 + 1 / _LEVELS)
    )


def repair_standalone(data: bytes, name: str) -> tuple[bytes, tuple[Clamp, ...]]:
    """The model with each standalone RELU6 that allows it turned into a RELU, and which those are.

    TFLM's int8 RELU6 ignores the quantization of its output, its RELU does not; and where the
    output cannot hold more than 6, its upper end is the clamp.
    """
    repairs = tuple(clamp for clamp in clamps(data, name) if clamp.harmful and clamp.repairable)
    if not repairs:
        return data, ()
    model = unpack(data, name)
    for clamp in repairs:
        model.subgraphs[0].operators[clamp.index].opcodeIndex = operator_code(
            model, "RELU", _RELU_VERSION
        )
    return pack(model), repairs


def _relu6_ops(model: Any, graph: Any) -> Iterator[tuple[int, str, Any]]:
    codes = flatfile.tables(model.OperatorCodesLength, model.OperatorCodes, "operator codes")
    operators = flatfile.tables(graph.OperatorsLength, graph.Operators, "operators")
    for index, operator in enumerate(operators):
        code = codes[operator.OpcodeIndex()]
        op = _OP_NAMES.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()), "CUSTOM")
        if op == "RELU6" or _fused(operator):
            yield index, op, operator


def _fused(operator: Any) -> bool:
    kind = _FUSING.get(operator.BuiltinOptionsType())
    if kind is None or (table := operator.BuiltinOptions()) is None:
        return False
    options = kind()
    options.Init(table.Bytes, table.Pos)
    return bool(options.FusedActivationFunction() == _RELU6)


def _clamp(graph: Any, index: int, op: str, operator: Any) -> Clamp:
    output = graph.Tensors(operator.Outputs(0))
    name = flatfile.name_of(output, operator.Outputs(0))
    extent = _range(output)
    if extent is None:
        return Clamp(index, op, name, ClampState.FLOAT)
    low, high = extent
    same = _quantization(graph.Tensors(operator.Inputs(0))) == _quantization(output)
    return Clamp(index, op, name, _state(op, low, high), low, high, same)


def _state(op: str, low: float, high: float) -> ClampState:
    step = (high - low) / _LEVELS
    if op == "RELU6":
        return ClampState.STANDALONE
    if high > 6 + step or low < -step:
        return ClampState.WIDE
    return ClampState.NARROW if high < 6 - step else ClampState.HEALTHY


def _range(tensor: Any) -> tuple[float, float] | None:
    """The least and greatest real value of an int8 tensor; None for any other tensor."""
    found = _quantization(tensor)
    if found is None:
        return None
    scale, zero_point = found
    return scale * (-128 - zero_point), scale * (127 - zero_point)


def _quantization(tensor: Any) -> tuple[float, int] | None:
    quantization = tensor.Quantization()
    if tensor.Type() != schema.TensorType.INT8 or quantization is None:
        return None
    if quantization.ScaleLength() != 1 or quantization.ZeroPointLength() != 1:
        return None
    return float(quantization.Scale(0)), int(quantization.ZeroPoint(0))
