"""What of a model is diagnosed: every value that int8 rounds anew."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from edgekit.errors import ModelError
from edgekit.frontends.float_model import Floats
from edgekit.ir import Quantization
from edgekit.quantize.layers import weighted_layers
from edgekit.quantize.real_values import dequantized, quantized, real_constant
from edgekit.tflite.clamps import clamps
from edgekit.tflite.editing import Editor, Op

MOVING = frozenset({
    "CONCATENATION", "EXPAND_DIMS", "GATHER", "MAX_POOL_2D", "PACK", "PAD", "RESHAPE",
    "RESIZE_NEAREST_NEIGHBOR", "SLICE", "SPLIT", "SPLIT_V", "SQUEEZE", "STRIDED_SLICE",
    "TILE", "TRANSPOSE", "UNPACK",
})  # fmt: skip
"""Ops whose outputs hold nothing that their inputs do not; with one scale they round nothing."""

_REGROUPING = ("RESHAPE", "SQUEEZE")
_PROBABILITIES = ("SOFTMAX", "LOGISTIC")
INPUT = -1
"""Stands for the op that gives the model's input, which there is none of."""


@dataclass(frozen=True, slots=True)
class Value:
    """One tensor of the float model and what the int8 model makes of it.

    `op_index` is that of the float model's op that gives it, `INPUT` for the model's input.
    `weights` and `bias` are the int8 model's, as real numbers, where the op has any.
    """

    op_index: int
    op: str
    tensor: str
    shape: tuple[int, ...]
    quantization: Quantization
    dtype: np.dtype[np.signedinteger]
    relu6: bool
    weights: Floats | None
    bias: Floats | None

    @property
    def step(self) -> float:
        """The distance between two neighbouring values."""
        return self.quantization.scale

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest real value that can be held."""
        limits, zero = np.iinfo(self.dtype), self.quantization.zero_point
        return self.step * (int(limits.min) - zero), self.step * (int(limits.max) - zero)

    def rounded(self, values: Floats) -> Floats:
        """Real values as the int8 model would hold them."""
        return dequantized(quantized(values, self.quantization, self.dtype), self.quantization)


class Pair:
    """A float model and the int8 model made of it, held side by side by their tensors' names.

    Raises `ModelError` when the two have hardly a name in common: they are not of one kind.
    """

    def __init__(self, float_model: bytes, int8_model: bytes, name: str) -> None:
        self.name = name
        self.floats, self.ints = Editor(float_model, name), Editor(int8_model, name)
        self._relu6 = {clamp.name for clamp in clamps(float_model, name)}
        self._int8_ops = {
            self.ints.tensor_name(t): op for op in self.ints.ops() for t in op.outputs
        }
        self._weighted = {layer.name: layer for layer in weighted_layers(self.ints)}
        self.values = tuple(self._values())
        ops = sum(1 for _ in self.floats.ops())
        if len(self.values) < 2 or 2 * len(self._int8_ops) < ops:
            raise ModelError(
                f"{name} and the float model share {len(self.values)} values by name, of {ops} ops",
                hint="Give the float model that the int8 model was made of.",
            )

    @property
    def end(self) -> str:
        """The output that errors are measured at: scores before they become probabilities."""
        made = {tensor: op for op in self.floats.ops() for tensor in op.outputs}
        (tensor,) = self.floats.outputs
        tensor = _before(made, tensor, _REGROUPING)
        tensor = _before(made, _before(made, tensor, _PROBABILITIES), _REGROUPING)
        return self.floats.tensor_name(tensor)

    def _values(self) -> list[Value]:
        found = [self._value(INPUT, "input", tensor) for tensor in self.floats.inputs]
        for op in self.floats.ops():
            if not self._moves(op):
                found += [self._value(op.index, op.op, tensor) for tensor in op.outputs]
        return [value for value in found if value is not None]

    def _moves(self, op: Op) -> bool:
        """Whether the int8 op only passes on what was rounded before it."""
        int8 = self._int8_ops.get(self.floats.tensor_name(op.outputs[0]))
        if op.op not in MOVING or int8 is None:
            return False
        kinds = [self.ints.quantization(tensor) for tensor in (*int8.inputs, *int8.outputs)
                 if tensor >= 0 and self.ints.constant(tensor) is None]  # fmt: skip
        return all(kind == kinds[0] for kind in kinds)

    def _value(self, index: int, op: str, tensor: int) -> Value | None:
        name = self.floats.tensor_name(tensor)
        if name not in self.ints or self.floats.dtype(tensor) != np.float32:
            return None
        there = self.ints.find(name)
        quantization = self.ints.quantization(there)
        if quantization is None or self.ints.dtype(there).kind != "i" or quantization.per_channel:
            return None
        weights, bias = self._parameters(name)
        return Value(
            index, op, name, self.floats.shape(tensor), quantization, self.ints.dtype(there),
            name in self._relu6, weights, bias,
        )  # fmt: skip

    def _parameters(self, name: str) -> tuple[Floats | None, Floats | None]:
        """Weights and bias of the int8 layer that gives a value, as real numbers."""
        layer = self._weighted.get(name)
        if layer is None:
            return None, None
        bias = real_constant(self.ints, layer.bias) if layer.bias >= 0 else None
        return real_constant(self.ints, layer.weights), bias


def _before(made: dict[int, Op], tensor: int, ops: Collection[str]) -> int:
    """The tensor that some ops of these kinds, one after another, made this one of."""
    while tensor in made and made[tensor].op in ops:
        tensor = made[tensor].inputs[0]
    return tensor
