"""An op that only renames, between two sums: each place of both has a summand of its own, so that a
value in the wrong place shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from hypothesis import strategies as st

from edgekit.codegen.optimizing import optimized
from support.graph_runs import passed
from support.models import Value, constant
from support.single_op import SCALE, ZERO_POINT
from support.small_nets import NetBuilder

Quantization = tuple[float, int]
quantizations = st.lists(st.tuples(SCALE, ZERO_POINT), min_size=3, max_size=3)
"""Of the input, between the sums, and of the output."""


def assert_equals_tflm(
    op: str,
    shapes: tuple[Sequence[int], Sequence[int]],
    kinds: Sequence[Quantization],
    others: Sequence[Value] = (),
    options: Any = None,
) -> None:
    """The model gives TFLM's bytes, and nothing of the op is left in what is compiled.

    `shapes` are those before and behind it, `others` its inputs besides.
    """
    (before, after), (given, between, made) = shapes, map(_named, kinds)
    net = NetBuilder()
    image = net.value(*before, **given)
    first = _sum(net, image, before, between)
    renamed = net.made(op, [first, *map(net.tensor, others)], tuple(after), options, **between)
    model = net.finish([image], [_sum(net, renamed, after, made)])
    graph = passed(model, lambda read: optimized(read).graph)
    assert op not in [operation.op for operation in graph.operations]


def _named(kind: Quantization) -> dict[str, Any]:
    return {"scale": kind[0], "zero_point": kind[1]}


def _sum(net: NetBuilder, source: int, shape: Sequence[int], made: dict[str, Any]) -> int:
    values = np.random.default_rng(len(shape)).integers(-128, 128, shape, np.int8)
    summand = net.tensor(constant(values, scale=0.3, zero_point=-5))
    return net.made("ADD", [source, summand], tuple(shape), schema.AddOptionsT(), **made)
