"""A layer's work on one core and on both cores of the emulated Pico."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.graph_runs import noise
from support.oracle import tflm_outputs
from support.small_nets import RELU, SAME, NetBuilder

from edgekit import boards, emulate
from edgekit.build import firmware
from edgekit.codegen import aot
from edgekit.errors import DeviceError
from edgekit.link import open_link
from edgekit.link.client import Client
from edgekit.tflite import read_graph

pytestmark = pytest.mark.emulator


def _net() -> bytes:
    """A convolution of windows that are copied, one of windows where they lie, one depthwise."""
    net = NetBuilder(zero_point=-128)
    image = net.value(1, 14, 12, 3)
    first = net.conv(image, (1, 14, 12, 16), (16, 3, 3, 3), padding=SAME, activation=RELU)
    deep = net.depthwise(first, (1, 14, 12, 16))
    last = net.conv(deep, (1, 14, 12, 12), (12, 3, 3, 16), padding=SAME, activation=RELU)
    return net.finish([image], [last])


def test_both_are_nearly_twice_as_fast_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    model, pico = _net(), boards.load("pico")
    compiled = aot.generate(model, "net", tmp_path / "c", kernels=pico.kernels)
    firmware.build(compiled, tmp_path / "c", pico, tmp_path, compiler="zig")
    emulate.flash_image(pico).parent.mkdir(parents=True, exist_ok=True)
    emulate.flash_image(pico).write_bytes((tmp_path / "firmware.bin").read_bytes())
    x = noise(read_graph(model, "net"), 3)
    expected = tflm_outputs(model, x)
    cycles = {}
    with emulate.start(pico) as board, open_link(board.port) as link:
        client = Client(link)
        for cores in (2, 1, 2):
            client.use_threads(cores)
            found = [client.infer(image.tobytes()) for image in x]
            cycles[cores] = found[-1].cycles
            for made, wanted in zip(found, expected, strict=True):
                np.testing.assert_array_equal(np.frombuffer(made.output, np.int8), wanted.ravel())
        with pytest.raises(DeviceError):
            client.use_threads(3)
    assert cycles[1] > 1.8 * cycles[2]
