"""Which tensors of a graph are no memory of their own, but a part of another's."""

from __future__ import annotations

from collections.abc import Mapping

from edgekit.ir import Graph
from edgekit.ops.discovery import operators
from edgekit.ops.operator import View


def inner_views(graph: Graph) -> dict[int, View]:
    """For each tensor that is another's memory: where it lies in the next larger one.

    A tensor is part of one whole at most; the whole may itself be part of another.
    """
    known = operators()
    return {
        view.part: view
        for operation in graph.operations
        for view in known[operation.op].views(graph, operation)
    }


def outermost_views(graph: Graph) -> Mapping[int, View]:
    """For each tensor that is another's memory: where it lies in the outermost one."""
    inner = inner_views(graph)
    return {part: _outermost(view, inner) for part, view in inner.items()}


def _outermost(view: View, inner: Mapping[int, View]) -> View:
    while view.whole in inner:
        outer = inner[view.whole]
        in_one_piece = view.in_one_piece and outer.in_one_piece
        view = View(view.part, outer.whole, outer.offset + view.offset, in_one_piece)
    return view
