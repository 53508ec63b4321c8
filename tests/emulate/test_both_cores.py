"""A layer's work on one core and on both cores of the emulated Pico and Pico 2."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.emulated import flash
from support.graph_runs import noise
from support.oracle import tflm_outputs
from support.small_nets import RELU, SAME, NetBuilder

from edgekit import boards, emulate
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


@pytest.mark.parametrize("name", ["pico", "pico2"])
def test_both_are_nearly_twice_as_fast_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    model, board = _net(), boards.load(name)
    flash(board, model, tmp_path)
    x = noise(read_graph(model, "net"), 3)
    expected = tflm_outputs(model, x)
    cycles = {}
    with emulate.start(board) as running, open_link(running.port) as link:
        client = Client(link)
        for cores in (2, 1, 2):
            client.use_threads(cores)
            found = [client.infer(image.tobytes()) for image in x]
            cycles[cores] = found[-1].cycles
            for made, wanted in zip(found, expected, strict=True):
                np.testing.assert_array_equal(np.frombuffer(made.output, np.int8), wanted.ravel())
        with pytest.raises(DeviceError):
            client.use_threads(3)
        assert not running.statistics().notes
    assert cycles[1] > 1.8 * cycles[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pico", "pico2"])
def test_a_whole_network_equals_tflm_on_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_data: Path, name: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    model, board = (shared_data / "tflite" / "vww_96_int8.tflite").read_bytes(), boards.load(name)
    flash(board, model, tmp_path)
    x = noise(read_graph(model, "net"), 2)
    expected = tflm_outputs(model, x)
    cycles = {}
    with emulate.start(board) as running, open_link(running.port) as link:
        client = Client(link)
        for cores in (1, 2):
            client.use_threads(cores)
            found = [client.infer(image.tobytes()) for image in x]
            cycles[cores] = found[-1].cycles
            for made, wanted in zip(found, expected, strict=True):
                np.testing.assert_array_equal(np.frombuffer(made.output, np.int8), wanted.ravel())
    assert cycles[1] > 1.9 * cycles[2]
