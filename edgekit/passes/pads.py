"""PADs before windows that can look over the image's border themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgekit.ir import Graph, Operation
from edgekit.ops import operators
from edgekit.ops.attributes import Border, Limits, Padding
from edgekit.passes.ranges import ranges
from edgekit.passes.rewriting import readers, with_operations

_PADS = ("PAD", "PADV2")
_SUMS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_MAXIMA = ("MAX_POOL_2D",)


def fold_pads(graph: Graph) -> Graph:
    """Makes a PAD part of the convolution or max pooling behind it, as padding of its own.

    Proof: a convolution counts cells outside the image as its input's zero point, so added cells
    of that value may as well be outside. A maximum takes no account of cells outside; added cells
    that are not above any value that the image can hold do not change it, when every window has a
    cell of the image. Every window has one: padding is smaller than the window on each side.
    """
    reading, known = readers(graph), ranges(graph)
    changed: dict[int, Operation] = {}
    folded: set[int] = set()
    for pad in graph.operations:
        if pad.op not in _PADS or pad.outputs[0] in graph.outputs:
            continue
        windows = reading[pad.outputs[0]]
        found = [_folded(graph, pad, window, known) for window in windows]
        whole = [window for window in found if window is not None]
        if len(whole) == len(windows):
            changed.update(zip(map(id, windows), whole, strict=True))
            folded.add(id(pad))
    kept = (operation for operation in graph.operations if id(operation) not in folded)
    return with_operations(graph, (changed.get(id(found), found) for found in kept))


def _folded(
    graph: Graph, pad: Operation, window: Operation, known: dict[int, Limits]
) -> Operation | None:
    """The window op with the padding in it; None where that is another computation."""
    if window.op not in (*_SUMS, *_MAXIMA) or pad.outputs[0] not in window.inputs[:1]:
        return None
    border, value = _border(graph, pad), _value(graph, pad)
    if border is None:
        return None
    if window.op in _MAXIMA and known[pad.inputs[0]].low < value:
        return None
    quantization = graph.tensor(pad.outputs[0]).quantization
    assert quantization is not None
    if window.op in _SUMS and value != quantization.zero_point:
        return None
    return _bordered(graph, pad, window, border)


def _border(graph: Graph, pad: Operation) -> Border | None:
    """What is added around the rows and columns of an image; None for other padding."""
    paddings = graph.tensor(pad.inputs[1]).data
    assert paddings is not None
    if paddings.shape != (4, 2) or paddings[0].any() or paddings[3].any():
        return None
    (top, bottom), (left, right) = paddings[1].tolist(), paddings[2].tolist()
    return Border(top, bottom, left, right)


def _value(graph: Graph, pad: Operation) -> int:
    return operators()[pad.op].portable_calls(graph, pad)[0].parameters["value"]


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of a window op behind a PAD: the image, and how windows step over it."""

    extent: int
    before: int
    after: int
    reach: int
    stride: int
    windows: int

    def whole(self) -> tuple[int, int] | None:
        """Cells before and after the image, with those that the window op itself adds; None when
        a window might lie outside of the image."""
        last = (self.windows - 1) * self.stride
        after = max(self.after, last + self.reach - self.before - self.extent)
        if self.before >= self.reach or last - self.before >= self.extent:
            return None
        return self.before, after


def _bordered(graph: Graph, pad: Operation, window: Operation, border: Border) -> Operation | None:
    """The window op over the image itself. Its own padding, if SAME, is added to the border."""
    own = operators()[window.op].portable_calls(graph, window)[0].parameters
    _, in_h, in_w, _ = graph.tensor(pad.inputs[0]).shape
    _, out_h, out_w, _ = graph.tensor(window.outputs[0]).shape
    high, wide = (
        _Axis(
            extent, before + own[f"pad_{axis}"], after, _reach(own, axis), own[f"stride_{axis}"], n
        )
        for axis, extent, before, after, n in (
            ("h", in_h, border.top, border.bottom, out_h),
            ("w", in_w, border.left, border.right, out_w),
        )
    )
    rows, columns = high.whole(), wide.whole()
    if rows is None or columns is None:
        return None
    attributes = replace(window.attributes, padding=Padding.VALID, border=Border(*rows, *columns))
    inputs = (pad.inputs[0], *window.inputs[1:])
    return replace(window, inputs=inputs, attributes=attributes)


def _reach(parameters: dict[str, int], axis: str) -> int:
    """How many cells a window spans, its holes included."""
    size = parameters.get(f"kernel_{axis}") or parameters[f"window_{axis}"]
    return (size - 1) * parameters.get(f"dilation_{axis}", 1) + 1
