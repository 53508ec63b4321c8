from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgekit.ir import DType, Graph, Operation, Quantization, Tensor, breaches, verify


def _graph() -> Graph:
    quantization = Quantization((0.1,), (0,))
    weights = Tensor(
        "w", (2, 3), DType.INT8, Quantization((0.1, 0.2), (0, 0)), np.zeros((2, 3), np.int8)
    )
    tensors = (
        Tensor("in", (1, 3), DType.INT8, quantization),
        weights,
        Tensor("middle", (1, 2), DType.INT8, quantization),
        Tensor("out", (1, 2), DType.INT8, quantization),
    )
    operations = (
        Operation("FULLY_CONNECTED", (0, 1, -1), (2,), None, 0),
        Operation("SOFTMAX", (2,), (3,), None, 1),
    )
    return Graph("net", tensors, operations, (0,), (3,))


def _with_tensor(graph: Graph, number: int, **changes: object) -> Graph:
    tensors = list(graph.tensors)
    tensors[number] = replace(tensors[number], **changes)  # type: ignore[arg-type]
    return replace(graph, tensors=tuple(tensors))


def _with_operation(graph: Graph, place: int, **changes: object) -> Graph:
    operations = list(graph.operations)
    operations[place] = replace(operations[place], **changes)  # type: ignore[arg-type]
    return replace(graph, operations=tuple(operations))


def test_a_good_graph_breaks_no_rule() -> None:
    assert breaches(_graph()) == ()


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        (replace(_graph(), outputs=(9,)), "tensor 9, there are 4"),
        (_with_operation(_graph(), 0, inputs=(0, 7)), "FULLY_CONNECTED #0 reads a tensor that"),
        (_with_operation(_graph(), 0, outputs=(-1,)), "FULLY_CONNECTED #0 writes a tensor that"),
        (_with_operation(_graph(), 1, outputs=()), "SOFTMAX #1 has no output"),
        (_with_operation(_graph(), 1, outputs=(2,)), "writes a value that exists already"),
        (_with_operation(_graph(), 1, outputs=(1,)), "writes a value that exists already"),
        (replace(_graph(), inputs=(1,)), "input w is a constant"),
        (replace(_graph(), operations=_graph().operations[::-1]), "uses middle before it is made"),
        (replace(_graph(), operations=_graph().operations[:1]), "output out is never made"),
        (_with_tensor(_graph(), 2, shape=(1, 0)), "middle has shape [1, 0]"),
        (_with_tensor(_graph(), 1, data=np.zeros((3, 2), np.int8)), "w: int8 (3, 2) data"),
        (_with_tensor(_graph(), 1, data=np.zeros((2, 3), np.int16)), "w: int16 (2, 3) data"),
        (
            _with_tensor(_graph(), 0, quantization=Quantization((float("nan"),), (0,))),
            "in has a scale that is not positive and finite",
        ),
        (
            _with_tensor(_graph(), 0, quantization=Quantization((0.0,), (0,))),
            "in has a scale that is not positive and finite",
        ),
        (
            _with_tensor(_graph(), 0, quantization=Quantization((0.1,), ())),
            "in: 1 scales, 0 zero points",
        ),
        (
            _with_tensor(_graph(), 1, quantization=Quantization((0.1,) * 3, (0,) * 3)),
            "w: 3 scales along axis 0 of shape [2, 3]",
        ),
        (
            _with_tensor(_graph(), 1, quantization=Quantization((0.1,) * 2, (0,) * 2, axis=5)),
            "w: 2 scales along axis 5 of shape [2, 3]",
        ),
    ],
)
def test_each_breach_is_named(broken: Graph, text: str) -> None:
    assert any(text in breach for breach in breaches(broken))


def test_a_broken_pass_is_a_bug_of_ours() -> None:
    with pytest.raises(AssertionError, match="after folding: output out is never made"):
        verify(replace(_graph(), operations=_graph().operations[:1]), "folding")
