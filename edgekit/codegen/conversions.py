"""The functions that convert between a model's int8 ends and the types that its file has there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgekit.codegen import c_text
from edgekit.ir import DType, Graph, Operation, Quantization, Tensor
from edgekit.ops import KernelCall, TensorPointer, operators
from edgekit.ops.operator import NoAttributes
from edgekit.ops.quantize import quantize_call
from edgekit.tflite.ends import Int8Part

_INSIDE, _OUTSIDE = 0, 1
_C_TYPES = {"float32": "float", "uint8": "uint8_t"}


@dataclass(frozen=True, slots=True)
class Conversion:
    """A function of the generated C around one kernel call; `values` is its parameter."""

    prototype: str
    about: str
    call: KernelCall

    @property
    def inward(self) -> bool:
        """Whether it writes the input, and does not read the output."""
        return self.call.arguments[-1] == TensorPointer(_INSIDE)

    def arguments(self, symbol: str) -> str:
        """The call's arguments in C; `symbol` is the int8 end's name."""
        return f"values, {symbol}" if self.inward else f"{symbol}, values"


def conversions(graph: Graph, part: Int8Part, name: str) -> tuple[Conversion, ...]:
    """Those of a model whose int8 part is `graph`; none for ends that are int8 in its file."""
    return (*_of_input(graph, part.input, name), *_of_output(graph, part.output, name))


def _of_input(graph: Graph, outer: str, name: str) -> Iterator[Conversion]:
    if outer == "int8":
        return
    ends = _ends(graph, graph.inputs[0], outer)
    yield Conversion(
        prototype=f"void {name}_set_input(const {_C_TYPES[outer]} *values)",
        about=f"Writes {name}_input() from {_described(ends.tensor(_OUTSIDE))}, "
        "what the model file takes",
        call=quantize_call(ends, _OUTSIDE, _INSIDE)
        if outer == "float32"
        else _turned(ends, _OUTSIDE, _INSIDE),
    )


def _of_output(graph: Graph, outer: str, name: str) -> Iterator[Conversion]:
    if outer == "int8":
        return
    ends = _ends(graph, graph.outputs[0], outer)
    last = Operation("DEQUANTIZE", (_INSIDE,), (_OUTSIDE,), NoAttributes(), 0)
    (dequantized,) = operators()["DEQUANTIZE"].calls(ends, last)
    yield Conversion(
        prototype=f"void {name}_get_output({_C_TYPES[outer]} *values)",
        about=f"Gives {name}_output() as {_described(ends.tensor(_OUTSIDE))}, "
        "what the model file gives",
        call=dequantized if outer == "float32" else _turned(ends, _INSIDE, _OUTSIDE),
    )


def _ends(graph: Graph, number: int, outer: str) -> Graph:
    """The int8 end, and what it is outside."""
    inside = graph.tensor(number)
    outside = Tensor(inside.name, inside.shape, DType(outer), _outer(inside, outer))
    return Graph(graph.name, (inside, outside), (), (), ())


def _outer(inside: Tensor, outer: str) -> Quantization | None:
    if outer == "float32":
        return None
    assert inside.quantization is not None
    return Quantization(inside.quantization.scales, (inside.quantization.zero_point + 128,))


def _turned(ends: Graph, source: int, target: int) -> KernelCall:
    """uint8 and int8, in either direction."""
    return KernelCall(
        function="ek_uint8_s8",
        header="ek_uint8_s8.h",
        parameters={"count": ends.tensor(source).elements},
        arguments=(TensorPointer(source), TensorPointer(target)),
    )


def _described(outside: Tensor) -> str:
    text = f"{c_text.shape(outside.unbatched)} {outside.dtype.value}"
    if outside.quantization is None:
        return f"{text}, real values"
    scale, zero_point = outside.quantization.scale, outside.quantization.zero_point
    return f"{text}, real = {scale:.9g} * (value - {zero_point})"
