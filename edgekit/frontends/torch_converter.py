"""Runs litert-torch; only in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgekit.frontends.layer_tags import Node, tag, with_layer_names

_CHANNELS = (1, 3)
_PRODUCTS = ("linear", "addmm", "mm", "matmul", "bmm")


def convert(source: Path, folder: Path) -> bytes:
    """The float `.tflite` of a `.pt2` file, for images [1, h, w, c]. Raises `ValueError`.

    Its tensors bear the paths of the modules they came from, as `named_modules()` has them.
    """
    import torch

    try:
        program = torch.export.load(source)
    except Exception as error:  # PyTorch raises many kinds for what it cannot read
        raise ValueError(f"it is no exported program, or is damaged ({error})") from None
    shape = _image(program)
    first = _channels_first(shape)
    if first:
        shape = [shape[0], *shape[2:], shape[1]]
    inner = program.module()
    nodes, last = _tagged(inner)
    try:
        data = _converted(_channels_last_in(inner, permute=first, tags=True), shape, folder)
    except Exception:  # a model without its names is better than none
        nodes, last = [], None
        data = _converted(_channels_last_in(inner, permute=first, tags=False), shape, folder)
    return with_layer_names(data, source.name, nodes, last)


def _converted(model: Any, shape: list[int], folder: Path) -> bytes:
    import litert_torch
    import torch

    result = folder / "exported.tflite"
    litert_torch.convert(model, (torch.zeros(1, *shape[1:]),)).export(str(result))
    return result.read_bytes()


def _image(program: Any) -> list[int]:
    """The shape of the only input, from the example it was exported with."""
    positional, named = program.example_inputs
    if named or len(positional) != 1:
        count = len(positional) + len(named)
        raise ValueError(f"it has {count} inputs, edgekit takes models with one")
    shape = [int(size) for size in positional[0].shape]
    if len(shape) != 4:
        raise ValueError(f"its input has shape {shape}, wanted images [1, c, h, w]")
    return shape


def _channels_first(shape: list[int]) -> bool:
    """PyTorch's images are [n, c, h, w], except where somebody wanted otherwise."""
    return shape[1] in _CHANNELS or shape[3] not in _CHANNELS


def _tagged(inner: Any) -> tuple[list[Node], int | None]:
    """Puts a tag in place of the modules that each node is inside of, from which litert-torch makes
    the names of tensors; gives the nodes, and the number of the one that computes the result."""
    nodes = list(inner.graph.nodes)
    found = [_node(node) for node in nodes]
    for number, node in enumerate(nodes):
        node.meta["nn_module_stack"] = {"": ("", tag(number))}
    results = nodes[-1].all_input_nodes
    return found, nodes.index(results[0]) if results else None


def _node(node: Any) -> Node:
    """What the exported program says of a node; one outside all modules goes by its own name."""
    paths = [path for path, _ in (node.meta.get("nn_module_stack") or {"": ("", "")}).values()]
    operation = str(node.target).removeprefix("aten.").split(".")[0]
    return Node(paths[-1] or node.name, "conv" in operation or operation in _PRODUCTS)


def _channels_last_in(inner: Any, *, permute: bool, tags: bool) -> Any:
    """The model for images [n, h, w, c]; exported again, its nodes keep their tags or have none."""
    import torch

    class ChannelsLast(torch.nn.Module):  # type: ignore[misc] # torch is untyped here
        def __init__(self) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Any) -> Any:
            x = x.permute(0, 3, 1, 2) if permute else x
            return _node_by_node(self.inner, x) if tags else self.inner(x)

    return ChannelsLast()


def _node_by_node(inner: Any, x: Any) -> Any:
    """What the model answers; who traces this copies what is said of each node."""
    import torch
    from torch.fx.traceback import preserve_node_meta

    with preserve_node_meta():
        return torch.fx.Interpreter(inner).run(x)
