"""Where the values of a model lie while it runs on this machine: memory is used again when free."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.ir import Graph
from edgekit.ops.views import outermost_views

_SLACK_BYTES = 64
"""Behind every block: wide loads may read past the last value."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Blocks by size, and for each tensor the block and the offset at which it lies."""

    block_bytes: tuple[int, ...]
    places: dict[int, tuple[int, int]]


def lay_out(graph: Graph, *, keep: bool = False) -> Layout:
    """A block for each tensor that is computed, shared by those that are never alive together.

    `keep` shares none, so that every value is there after a run.
    """
    views = outermost_views(graph)
    last = _last_uses(graph, {part: view.whole for part, view in views.items()})
    blocks: list[int] = []
    free: list[int] = []
    owner: dict[int, int] = {}

    def place(tensor: int) -> None:
        whole = views[tensor].whole if tensor in views else tensor
        if whole in owner or graph.tensor(whole).constant:
            return
        wanted = graph.tensor(whole).bytes + _SLACK_BYTES
        fitting = sorted((blocks[at], at) for at in free if blocks[at] >= wanted)
        if fitting:
            owner[whole] = fitting[0][1]
            free.remove(owner[whole])
        else:
            owner[whole] = len(blocks)
            blocks.append(wanted)

    for tensor in graph.inputs:
        place(tensor)
    for at, operation in enumerate(graph.operations):
        for tensor in operation.outputs:
            place(tensor)
        if not keep:
            free += [owner[whole] for whole in last.get(at, ()) if whole in owner]
    places = {whole: (block, 0) for whole, block in owner.items()}
    for part, view in views.items():
        if view.whole in owner:
            places[part] = (owner[view.whole], view.offset)
    return Layout(tuple(blocks), places)


def _last_uses(graph: Graph, wholes: dict[int, int]) -> dict[int, list[int]]:
    """For each operation by its place, the tensors that nobody needs after it."""
    last: dict[int, int] = {}
    for at, operation in enumerate(graph.operations):
        for tensor in (*operation.inputs, *operation.outputs):
            if tensor >= 0:
                last[wholes.get(tensor, tensor)] = at
    for tensor in graph.outputs:
        last.pop(wholes.get(tensor, tensor), None)
    found: dict[int, list[int]] = {}
    for tensor, at in last.items():
        found.setdefault(at, []).append(tensor)
    return found
