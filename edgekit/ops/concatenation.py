"""CONCATENATION: any number of int8 tensors, one behind the other along an axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgekit.fixedpoint import Activation
from edgekit.ir import Graph, Operation
from edgekit.ops import moving
from edgekit.ops.attributes import activation
from edgekit.ops.forms import ANY_NUMBER, counts
from edgekit.ops.operator import KernelCall, Operator, View


@dataclass(frozen=True, slots=True)
class ConcatenationAttributes:
    """The axis, negative from the end; `activation` is None for one that is not compiled.

    `placed` are the inputs, by their place in the op, that are written where they belong: a pass
    has seen to that.
    """

    axis: int
    activation: Activation | None
    placed: tuple[int, ...] = ()


def no_activation(_graph: Graph, operation: Operation) -> bool:
    """It has no fused activation."""
    return operation.attributes.activation is Activation.NONE


def inputs_fill_the_output(graph: Graph, operation: Operation) -> bool:
    """Its axis exists, and its inputs have its output's shape but for the axis, where their
    extents add up."""
    target = graph.tensor(operation.outputs[0]).shape
    axis = moving.positive_axis(operation.attributes.axis, len(target))
    shapes = [graph.tensor(number).shape for number in operation.inputs]
    return axis is not None and moving.fill(target, axis, shapes)


class Concatenation(Operator):
    """The op; each input is copied into its part of the output.

    TensorFlow Lite Micro takes at most ten inputs, LiteRT any number.
    """

    name = "CONCATENATION"
    kernel = moving.KERNEL
    options_table = "ConcatenationOptions"
    constraints = (
        counts(ANY_NUMBER),
        moving.alike(slice(None)),
        no_activation,
        inputs_fill_the_output,
    )

    def attributes(self, options: Any) -> ConcatenationAttributes:
        """Axis and activation."""
        return ConcatenationAttributes(
            axis=options.axis, activation=activation(options.fusedActivationFunction)
        )

    def lower(self, graph: Graph, operation: Operation) -> tuple[KernelCall, ...]:
        """One call of ek_move_s8 per input that is not there already."""
        calls = moving.put_all(graph, operation, _views(graph, operation))
        placed = operation.attributes.placed
        return tuple(call for place, call in enumerate(calls) if place not in placed)

    def views(self, graph: Graph, operation: Operation) -> tuple[View, ...]:
        """The inputs that are there already."""
        found = _views(graph, operation)
        return tuple(
            View(
                part=operation.inputs[place],
                whole=operation.outputs[0],
                offset=moving.start(found[place]),
                in_one_piece=bool(found[place].flags.c_contiguous),
            )
            for place in operation.attributes.placed
        )


def _views(graph: Graph, operation: Operation) -> list[moving.Cells]:
    """Where each input belongs."""
    whole = graph.tensor(operation.outputs[0]).shape
    axis = moving.positive_axis(operation.attributes.axis, len(whole))
    assert axis is not None
    shapes = [graph.tensor(number).shape for number in operation.inputs]
    return moving.parts(whole, axis, shapes)


OPERATOR = Concatenation()
