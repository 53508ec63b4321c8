"""Names for the tensors of a converted model, found by comparing it with the model it was made of.

For converters that lose the names of nodes. Layers with weights are known by their weights, others
by the layers with weights that lie before them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.frontends.layer_tags import rename
from edgekit.tflite.editing import Editor, Op

Floats = npt.NDArray[np.float32]

_OUT_AXIS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0}
_SAME = 1e-3
"""Converters fold batch norms in float32; other layers' weights differ by far more."""


@dataclass(frozen=True, slots=True)
class SourceNode:
    """A node of the source model: its name, its values' names, the op of TFLite that it becomes.

    `rows` are a layer's weights as `weight_rows` has them, None for what has none.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: Floats | None = None


def weight_rows(weights: npt.NDArray[Any], axis: int) -> Floats:
    """Weights as rows [out, n], in a form that stays the same when a converter moves axes, orders
    inputs anew or scales outputs: magnitudes in order, of length 1. `axis` is that of outputs."""
    rows = np.abs(np.moveaxis(weights, axis, 0).reshape(weights.shape[axis], -1)).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.sort(rows / np.maximum(lengths, np.finfo(np.float32).tiny), axis=1)


def with_node_names(data: bytes, name: str, nodes: Sequence[SourceNode]) -> bytes:
    """A `.tflite` whose results bear the names of the nodes, in order of execution, that they were
    converted from; what is not known for sure keeps the converter's name."""
    editor = Editor(data, name)
    ops = [op for op in editor.ops() if op.outputs]
    by_weights = _by_weights(editor, ops, nodes)
    found = {**by_weights, **_by_place(ops, nodes, by_weights)}
    rename(editor, {ops[op].outputs[0]: nodes[node].name for op, node in found.items()})
    return editor.bytes()


def _by_weights(editor: Editor, ops: Sequence[Op], nodes: Sequence[SourceNode]) -> dict[int, int]:
    """The nodes that ops have their weights from; of equal ones each in its turn."""
    left = {number: node.rows for number, node in enumerate(nodes) if node.rows is not None}
    found = {}
    for index, op in enumerate(ops):
        weights = editor.constant(op.inputs[1]) if op.op in _OUT_AXIS else None
        if weights is None:
            continue
        rows = weight_rows(weights, _OUT_AXIS[op.op])
        same = next((number for number, other in left.items() if _equal(rows, other)), None)
        if same is not None:
            found[index] = same
            del left[same]
    return found


def _equal(a: Floats, b: Floats) -> bool:
    """Whether these are one layer's rows, of which a batch norm may have silenced some."""
    if a.shape != b.shape:
        return False
    heard = a.any(axis=1) & b.any(axis=1)
    return bool(heard.any() and np.abs(a[heard] - b[heard]).max() < _SAME)


def _by_place(
    ops: Sequence[Op], nodes: Sequence[SourceNode], anchors: Mapping[int, int]
) -> dict[int, int]:
    """Ops and nodes without weights that are the only ones of their kind behind the same layers."""
    made = _places(
        [(op.op, op.inputs, op.outputs) for op in ops], {index: index for index in anchors}
    )
    wanted = _places(
        [(node.op, node.inputs, node.outputs) for node in nodes],
        {node: index for index, node in anchors.items()},
    )
    pairs = ((made[place], wanted.get(place, [])) for place in made)
    return {mine[0]: theirs[0] for mine, theirs in pairs if len(mine) == len(theirs) == 1}


def _places(
    steps: Iterable[tuple[str, Sequence[Any], Sequence[Any]]], anchors: Mapping[int, int]
) -> dict[tuple[str, frozenset[int]], list[int]]:
    """What is no anchor, by its kind and the anchors that its inputs depend on."""
    behind: dict[Any, frozenset[int]] = {}
    places = defaultdict(list)
    for number, (kind, inputs, outputs) in enumerate(steps):
        before = frozenset[int]().union(*(behind.get(value, ()) for value in inputs))
        if number in anchors:
            before |= {anchors[number]}
        else:
            places[kind, before].append(number)
        behind.update(dict.fromkeys(outputs, before))
    return places
