"""What firmware sums up after each step, against the values that the step should have made."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from support import host_firmware
from support.shuffle_unit import shuffle_unit
from support.small_nets import RELU, NetBuilder

from edgekit.codegen import aot
from edgekit.codegen.optimizing import optimized
from edgekit.link.client import Client
from edgekit.planner.steps import schedule
from edgekit.runtimes.native import NativeModel
from edgekit.tflite import read_graph


def fire_net() -> bytes:
    """Two convolutions that write side by side into one whole: between pixels the other's lie."""
    net = NetBuilder()
    image = net.value(1, 5, 4, 8)
    squeezed = net.conv(image, (1, 5, 4, 6), (6, 1, 1, 8), activation=RELU)
    parts = [
        net.conv(squeezed, (1, 5, 4, depth), (depth, 1, 1, 6), activation=RELU) for depth in (8, 12)
    ]
    whole = net.concat(parts, (1, 5, 4, 20))
    last = net.conv(whole, (1, 5, 4, 3), (3, 1, 1, 20))
    return net.finish([image], [last])


@pytest.mark.parametrize("make", [fire_net, shuffle_unit])
def test_every_step_is_checked_wherever_its_output_lies(make: object, tmp_path: Path) -> None:
    model = make()  # type: ignore[operator]
    compiled = aot.generate(model, "net", tmp_path / "c")
    graph = optimized(read_graph(model, "net")).graph
    x = np.random.default_rng(4).integers(
        -128, 128, (1, *graph.tensor(graph.inputs[0]).unbatched), np.int8
    )
    values = NativeModel(graph, keep=True).values(x)
    running = [step.operation.outputs[0] for step in schedule(graph)]
    made = {operation.outputs[0]: value
            for operation, value in zip(graph.operations, values, strict=True)}  # fmt: skip
    expected = [zlib.crc32(made[output].tobytes()) for output in running]
    program = host_firmware.build(compiled, tmp_path / "c", tmp_path / "firmware")
    with Client(host_firmware.PipeLink(program)) as client:
        steps = client.infer(x.tobytes(), checksum=True).steps
    assert steps is not None
    assert [step.output_crc for step in steps] == expected


def test_the_parts_of_a_concatenation_are_made_in_place(tmp_path: Path) -> None:
    """Else the test above checks no output that lies in pieces."""
    aot.generate(fire_net(), "net", tmp_path)
    assert ", 8, 20}" in (tmp_path / "model.c").read_text()
