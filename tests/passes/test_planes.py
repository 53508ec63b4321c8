from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graph_runs import noise, ops, passed
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.small_nets import RELU, NetBuilder

from edgekit.passes.planes import stack_planes
from edgekit.tflite import read_graph


def _waiting(height: int, width: int, half: int, *, cut: int = 0, end: str = "both") -> bytes:
    """A value of 2 * `half` channels: the first `half`, of which a convolution makes `cut` alone,
    at once, the others behind two wide layers. Its makers read as much as that, so that it does not
    pay to make the first half later. A convolution and a depthwise one that halves the image, or
    one of them, read it."""
    net, size, deep = NetBuilder(), (1, height, width), 2 * half
    image = net.value(*size, deep)
    makers = [count for count in (cut, half - cut) if count]
    parts = [net.conv(image, (*size, count), (count, 1, 1, deep)) for count in makers]
    y = net.conv(image, (*size, 5 * half), (5 * half, 1, 1, deep), activation=RELU)
    y = net.conv(y, (*size, half), (half, 1, 1, 5 * half))
    whole = net.concat([*parts, y], (*size, 2 * half))
    results = []
    small = (1, -(-height // 2), -(-width // 2))
    if end != "depthwise":
        z = net.conv(whole, (*size, 3), (3, 1, 1, 2 * half), activation=RELU)
        results.append(net.conv(z, (*small, 4), (4, 1, 1, 3), stride=2))
    if end != "conv":
        z = net.depthwise(whole, (*small, 2 * half), stride=2)
        results.append(net.conv(z, (*small, 4), (4, 1, 1, 2 * half)))
    if end == "result":
        return net.finish([image], [whole])
    out = net.concat(results, (*small, 4 * len(results))) if len(results) > 1 else results[0]
    return net.finish([image], [net.conv(out, (*small, 2), (2, 1, 1, 4 * len(results)))])


@given(
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda size: size != (1, 1)),
    half=st.sampled_from([4, 8, 12]),
    cut=st.integers(0, 3),
    end=st.sampled_from(["both", "conv", "depthwise"]),
)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_two_images_give_the_bytes_of_one(
    size: tuple[int, int], half: int, cut: int, end: str
) -> None:
    model = _waiting(*size, half, cut=cut, end=end)
    graph = passed(model, stack_planes)
    before = ops(read_graph(model, "net"))
    # The parts of the first half are joined by themselves; a second depthwise one, and a join.
    added = (cut > 0) + (0 if end == "conv" else 2)
    assert len(ops(graph)) - len(before) == added


def test_the_second_image_takes_no_memory_until_it_is_made(tmp_path: Path) -> None:
    height, width, half = 6, 5, 8
    model = _waiting(height, width, half, cut=3)
    native = NativeModel(model, tmp_path)
    x = noise(read_graph(model, "net"))
    np.testing.assert_array_equal(native.run(x), tflm_outputs(model, x))
    effects = {found.name: found for found in native.compiled.passes}
    assert effects["zero points"].moving_steps == 0
    assert effects["zero points"].arena_bytes <= effects["in place"].arena_bytes
    plane = height * width * half
    grown = [
        (found.bytes, found.first_step) for found in native.compiled.plan if found.name == "t13"
    ]
    assert grown == [(plane, 0), (2 * plane, 3)]  # step 3 makes the second image


@pytest.mark.parametrize(
    ("half", "cut", "end"),
    [
        (8, 0, "result"),  # which is not to be changed
        (9, 0, "both"),  # the second image would not begin at a whole word
    ],
)
def test_what_cannot_be_two_images_stays_one(half: int, cut: int, end: str) -> None:
    graph = passed(_waiting(5, 3, half, cut=cut, end=end), stack_planes)
    assert all(op.attributes.axis == 3 for op in graph.operations if op.op == "CONCATENATION")
