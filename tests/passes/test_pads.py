from __future__ import annotations

from dataclasses import replace

import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.convolutions import KERNELS
from support.graph_runs import ops, passed
from support.small_nets import RELU, SAME, VALID, NetBuilder

from edgekit.ops.attributes import Padding, window_output
from edgekit.passes.pads import fold_pads
from edgekit.tflite import read_graph

_CELLS = st.integers(0, 2)


@given(
    rows=st.tuples(_CELLS, _CELLS),
    columns=st.tuples(_CELLS, _CELLS),
    kernel=st.tuples(st.integers(3, 4), st.integers(3, 4)),
    stride=st.integers(1, 3),
    padding=st.sampled_from([SAME, VALID]),
    op=st.sampled_from(["CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D"]),
    size=st.tuples(st.integers(2, 6), st.integers(2, 6)),
)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_pad_becomes_part_of_the_window_op(
    rows: tuple[int, int],
    columns: tuple[int, int],
    kernel: tuple[int, int],
    stride: int,
    padding: int,
    op: str,
    size: tuple[int, int],
) -> None:
    # With zero point -128 the added cells are the smallest value there is.
    net = NetBuilder(zero_point=-128 if op == "MAX_POOL_2D" else 11)
    wide = tuple(extent + sum(more) for extent, more in zip(size, (rows, columns), strict=True))
    out = tuple(
        window_output(extent, cells, stride, 1, Padding(padding))
        for extent, cells in zip(wide, kernel, strict=True)
    )
    assume(min(out) > 0)
    image = net.value(1, *size, 4)
    padded = net.pad(image, (1, *wide, 4), rows, columns)
    if op == "CONV_2D":
        last = net.conv(padded, (1, *out, 3), (3, *kernel, 4), stride=stride, padding=padding)
    elif op == "DEPTHWISE_CONV_2D":
        last = net.depthwise(padded, (1, *out, 4), kernel, stride=stride, padding=padding)
    else:
        options = schema.Pool2DOptionsT(padding=padding, strideH=stride, strideW=stride,
                                        filterHeight=kernel[0], filterWidth=kernel[1])  # fmt: skip
        last = net.made(op, [padded], (1, *out, 4), options)
    graph = passed(net.finish([image], [last]), fold_pads)
    reaches = [
        last_window * stride - before >= extent or before >= cells
        for extent, (before, _), cells, last_window in zip(
            size, (rows, columns), kernel, (out[0] - 1, out[1] - 1), strict=True
        )
    ]
    if padding == VALID:
        assert ops(graph) == (["PAD", op] if any(reaches) else [op])


def _pool(zero_point: int, *, op: str, rectified: bool = False) -> list[str]:
    net = NetBuilder(zero_point=zero_point)
    image = net.value(1, 4, 4, 3)
    source = image
    if rectified:
        source = net.conv(image, (1, 4, 4, 3), (3, 1, 1, 3), activation=RELU)
    padded = net.pad(source, (1, 5, 5, 3), (1, 0), (1, 0))
    options = schema.Pool2DOptionsT(padding=VALID, strideH=2, strideW=2, filterHeight=3,
                                    filterWidth=3)  # fmt: skip
    last = net.made(op, [padded], (1, 2, 2, 3), options)
    return ops(passed(net.finish([image], [last]), fold_pads))


def test_zeros_count_in_a_maximum_of_negative_values() -> None:
    assert _pool(0, op="MAX_POOL_2D") == ["PAD", "MAX_POOL_2D"]


def test_zeros_do_not_count_in_a_maximum_of_values_that_are_not_negative() -> None:
    assert _pool(0, op="MAX_POOL_2D", rectified=True) == ["CONV_2D", "MAX_POOL_2D"]


def test_zeros_count_in_a_mean() -> None:
    assert _pool(-128, op="AVERAGE_POOL_2D") == ["PAD", "AVERAGE_POOL_2D"]


def test_a_pad_that_something_else_reads_stays() -> None:
    net = NetBuilder()
    image = net.value(1, 4, 4, 3)
    padded = net.pad(image, (1, 6, 6, 3), (1, 1), (1, 1))
    sums = net.conv(padded, (1, 6, 6, 3), (3, 3, 3, 3), padding=SAME)
    out = net.made("ADD", [sums, padded], (1, 6, 6, 3), schema.AddOptionsT())
    assert ops(passed(net.finish([image], [out]), fold_pads)) == ["PAD", "CONV_2D", "ADD"]


@pytest.mark.parametrize("channels", [0, 1])
def test_added_channels_stay(channels: int) -> None:
    net = NetBuilder()
    image = net.value(1, 4, 4, 3)
    paddings = net.integers([(0, 0), (1, 1), (1, 1), (0, channels)])
    depth = 3 + channels
    padded = net.made("PAD", [image, paddings], (1, 6, 6, depth), schema.PadOptionsT())
    sums = net.conv(padded, (1, 4, 4, 2), (2, 3, 3, depth))
    expected = ["PAD", "CONV_2D"] if channels else ["CONV_2D"]
    assert ops(passed(net.finish([image], [sums]), fold_pads)) == expected


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("op", ["CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D"])
def test_pads_fold_for_every_family_of_cores(kernels: str, op: str) -> None:
    """A family's kernels need not be told the padding; the pass knows it all the same."""
    net = NetBuilder(zero_point=-128)
    image = net.value(1, 6, 6, 4)
    first = net.depthwise(image, (1, 6, 6, 4), (3, 3), padding=SAME)
    padded = net.pad(first, (1, 8, 8, 4), (1, 1), (1, 1))
    if op == "CONV_2D":
        last = net.conv(padded, (1, 6, 6, 8), (8, 3, 3, 4), padding=VALID)
    elif op == "DEPTHWISE_CONV_2D":
        last = net.depthwise(padded, (1, 6, 6, 4), (3, 3), padding=VALID)
    else:
        options = schema.Pool2DOptionsT(padding=VALID, strideH=1, strideW=1, filterHeight=3,
                                        filterWidth=3)  # fmt: skip
        last = net.made(op, [padded], (1, 6, 6, 4), options)
    graph = read_graph(net.finish([image], [last]), "net")
    assert ops(fold_pads(replace(graph, kernels=kernels))) == ["DEPTHWISE_CONV_2D", op]


@pytest.mark.parametrize("kernels", KERNELS)
def test_clamps_are_known_for_every_family_of_cores(kernels: str) -> None:
    """So that a PAD of zeros folds into the maximum of values that are none or more."""
    net = NetBuilder(zero_point=0)
    image = net.value(1, 6, 6, 4)
    first = net.depthwise(image, (1, 6, 6, 4), activation=RELU)
    padded = net.pad(first, (1, 8, 8, 4), (1, 1), (1, 1))
    pool = schema.Pool2DOptionsT(padding=VALID, strideH=1, strideW=1, filterHeight=3,
                                 filterWidth=3)  # fmt: skip
    last = net.made("MAX_POOL_2D", [padded], (1, 6, 6, 4), pool)
    graph = read_graph(net.finish([image], [last]), "net")
    assert ops(fold_pads(replace(graph, kernels=kernels))) == ["DEPTHWISE_CONV_2D", "MAX_POOL_2D"]
