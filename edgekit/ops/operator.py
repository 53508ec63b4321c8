"""What every op module offers the compiler, and the kernel call that it lowers to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation, Tensor
from edgekit.ops.rows import Rows


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A constant array of the generated C: flash, `static const`."""

    role: str
    """What it is to the kernel, and part of its C name: weights, bias, multiplier, shift."""
    values: npt.NDArray[np.int8] | npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TensorPointer:
    """An argument that points at a tensor in the arena."""

    tensor: int


@dataclass(frozen=True, slots=True)
class Scratch:
    """An argument that points at working memory, alive during this call only."""

    bytes: int


Argument = TensorPointer | Constant | Scratch | None
"""What a kernel is given a pointer to; None is a null pointer."""


@dataclass(frozen=True, slots=True, eq=False)
class KernelCall:
    """One call in the generated C.

    Reads as ``function(&(const function_params){.parameter = …}, argument, …)``; `parameters` are
    the compile-time constants, `arguments` the pointers, in the order of the kernel's signature.
    """

    function: str
    """The kernel, ``ek_<op>_s8``, or a variant of it; declared in ``kernels/<header>``."""
    header: str
    parameters: dict[str, int]
    arguments: tuple[Argument, ...]
    reals: dict[str, float] = field(default_factory=dict)
    """Parameters that are float32: scales, at the ends of a model only."""
    shares: int = 1
    """In how many shares the cores of a chip do it; then ``function_share`` is called, which takes
    the number of a share and of all shares behind its arguments."""
    slow: str = ""
    """Why this is slower than its like on the same cores, and by how much, for users; empty where
    it is not."""


Constraint = Callable[[Graph, Operation], bool]
"""Whether a form of an op can be compiled; its docstring is the user's message and a row of
docs/supported_ops.md. An op's constraints are asked in order up to the first that does not hold,
so a later one may rely on an earlier one."""


@dataclass(frozen=True, slots=True)
class InPlace:
    """That an output may lie on top of an input; both by their place in the op's lists."""

    input: int
    output: int


@dataclass(frozen=True, slots=True)
class View:
    """That tensor `part` is memory of tensor `whole`, from its byte `offset` on; where it is not
    `in_one_piece`, others' bytes lie between its own."""

    part: int
    whole: int
    offset: int = 0
    in_one_piece: bool = True


class Operator(ABC):
    """One TFLite op. Each module of this package has one subclass and one `OPERATOR` instance."""

    name: ClassVar[str]
    """TFLite's name: CONV_2D."""
    kernel: ClassVar[str | None]
    """The kernel's header; None for an op that costs nothing at run time: its first output is its
    first input under another shape, in the same memory, and `lower` is never asked."""
    in_tflm: ClassVar[bool] = True
    """Whether TensorFlow Lite Micro has it, in any form."""
    options_table: ClassVar[str | None] = None
    """The schema's options table, ``Conv2DOptions``; the reader refuses another one. None: any."""
    constraints: ClassVar[Sequence[Constraint]] = ()

    @abstractmethod
    def attributes(self, options: Any) -> Any:
        """The op's frozen attributes from TFLite's options (`Conv2DOptionsT` of
        `ai_edge_litert.schema_py_generated`), or from None when the file has none.

        Raises `ValueError` where an enumeration holds a number that the schema does not know.
        """

    def macs(self, graph: Graph, operation: Operation) -> int:  # noqa: ARG002
        """Multiply-accumulates of one inference."""
        return 0

    @abstractmethod
    def lower(self, graph: Graph, operation: Operation) -> KernelCall | tuple[KernelCall, ...]:
        """The kernel call, or several that run in that order; only asked when every constraint
        holds. Constants of several calls have roles that differ."""

    def calls(self, graph: Graph, operation: Operation) -> tuple[KernelCall, ...]:
        """What `lower` gives, for the graph's family of cores; nothing without a kernel.

        Remembered: while a graph is rewritten and planned, most operations are asked often.
        """
        if self.kernel is None:
            return ()
        return _lowered(_Question.about(self, graph, operation))

    def portable_calls(self, graph: Graph, operation: Operation) -> tuple[KernelCall, ...]:
        """What `lower` gives for any core: what an operation computes is read out of these, as a
        family's kernels need not be told all of it."""
        return self.calls(replace(graph, kernels="", room_bytes=None), operation)

    def views(self, graph: Graph, operation: Operation) -> Sequence[View]:  # noqa: ARG002
        """Which tensors are others' memory."""
        if self.kernel is None:
            return (View(operation.outputs[0], operation.inputs[0]),)
        return ()

    def in_place(self, graph: Graph, operation: Operation) -> Sequence[InPlace]:  # noqa: ARG002
        """Which outputs may share memory with which inputs that die here."""
        return ()

    def rows(self, graph: Graph, operation: Operation) -> Rows | None:  # noqa: ARG002
        """How it makes a few rows of its output at a time; None where it cannot."""
        return None


@dataclass(frozen=True, slots=True)
class _Question:
    """All that the calls of an operation depend on; the graph and the operation only carry it."""

    operator: Operator
    attributes: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    tensors: tuple[Tensor, ...]
    kernels: str
    room_bytes: int | None
    graph: Graph = field(compare=False)
    operation: Operation = field(compare=False)

    @classmethod
    def about(cls, operator: Operator, graph: Graph, operation: Operation) -> _Question:
        inputs, outputs = operation.inputs, operation.outputs
        return cls(
            operator=operator,
            attributes=operation.attributes,
            inputs=inputs,
            outputs=outputs,
            tensors=tuple(graph.tensor(number) for number in (*inputs, *outputs) if number >= 0),
            kernels=graph.kernels,
            room_bytes=graph.room_bytes,
            graph=graph,
            operation=operation,
        )


@lru_cache(maxsize=1024)  # some attempts at a large network
def _lowered(question: _Question) -> tuple[KernelCall, ...]:
    from edgekit.ops.variants import specialised  # which needs the calls of this module

    graph, operation, operator = question.graph, question.operation, question.operator
    found = operator.lower(graph, operation)
    calls = found if isinstance(found, tuple) else (found,)
    counts = operator.macs(graph, operation) > 0
    return tuple(
        specialised(call, graph.kernels, graph.room_bytes, counts=counts) for call in calls
    )


@dataclass(frozen=True, slots=True)
class NoAttributes:
    """Attributes of an op that has none."""

    _: None = field(default=None, repr=False)
