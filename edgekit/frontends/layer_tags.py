"""Names of a model's own layers, through a converter that gives its tensors names of its own.

A converter may join the names of all that it fused. Names that go through it are tags, the number
of a node each; with them a tensor of the `.tflite` is given the name of the layer it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from edgekit.tflite.editing import ABSENT, Editor, Op

WEIGHTED_OPS = frozenset(
    {"CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED", "BATCH_MATMUL"}
)
_MOVES = frozenset({"PAD", "PADV2", "TRANSPOSE", "RESHAPE"})
_TAG = re.compile(r"<node (\d+)>")


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the model as its author wrote it.

    `layer` is what the author calls the layer it belongs to. `weighted` is whether it multiplies
    by weights: a layer fused of several nodes goes by that one.
    """

    layer: str
    weighted: bool


def tag(number: int) -> str:
    """What stands for a node, by its place in the order of execution, in a converter's names."""
    return f"<node {number}>"


def with_layer_names(data: bytes, name: str, nodes: Sequence[Node], last: int | None) -> bytes:
    """A `.tflite` whose tensors are named after the layers that their tags tell of.

    `last` is the node that computes the result, whose name a converter replaces. What has no tag
    is named after its op. Further tensors of a layer get a number: ``f.3;1``.
    """
    editor = Editor(data, name)
    named: dict[int, str] = {}
    for op in sorted((op for op in editor.ops() if op.outputs), key=_turn):
        named[op.outputs[0]] = _layer(editor, op, nodes, last)
    for op in editor.ops():
        for tensor in (*op.outputs[1:], *_constants(editor, op)):
            if _tags(editor, [tensor], nodes):
                named.setdefault(tensor, named[op.outputs[0]])
    rename(editor, named)
    return editor.bytes()


def _turn(op: Op) -> tuple[int, int]:
    """When an op's result is named: what a layer is for bears its name alone."""
    return (0 if op.op in WEIGHTED_OPS else 2 if op.op in _MOVES else 1), op.index


def rename(editor: Editor, wanted: Mapping[int, str]) -> None:
    """Names tensors; the first to ask for a name has it alone, every tensor's stays its own."""
    others = (tensor for tensor in range(editor.tensors) if tensor not in wanted)
    taken = {editor.tensor_name(tensor) for tensor in others}
    for tensor, layer in wanted.items():
        free = next(name for name in _numbered(layer) if name not in taken)
        taken.add(free)
        editor.rename(tensor, free)


def _numbered(layer: str) -> Iterator[str]:
    return chain([layer], (f"{layer};{number}" for number in count(1)))


def _layer(editor: Editor, op: Op, nodes: Sequence[Node], last: int | None) -> str:
    """The layer that an op's result is of."""
    tags = _tags(editor, [op.outputs[0]], nodes)
    if op.op in WEIGHTED_OPS:
        of_weights = _tags(editor, _constants(editor, op), nodes)
        for found in (tags, of_weights):
            weighted = [number for number in found if nodes[number].weighted]
            if weighted:
                return nodes[max(weighted)].layer
    if not tags and last is not None and op.outputs[0] in editor.outputs:
        return nodes[last].layer
    # Constants that several nodes share bear the tag of the first, which ran before this one.
    return nodes[max(tags)].layer if tags else op.op.lower()


def _constants(editor: Editor, op: Op) -> list[int]:
    found = (tensor for tensor in op.inputs if tensor != ABSENT)
    return [tensor for tensor in found if editor.constant(tensor) is not None]


def _tags(editor: Editor, tensors: Iterable[int], nodes: Sequence[Node]) -> list[int]:
    """The nodes that these tensors' names tell of."""
    names = ";".join(editor.tensor_name(tensor) for tensor in tensors)
    numbers = (int(number) for number in _TAG.findall(names))
    return [number for number in numbers if number < len(nodes)]
