"""Models that no benchmark has: odd channel counts, large and oblong kernels, groups, strides.

Fast kernels must not fall off a cliff where shapes are not the usual ones. Weights are drawn,
always the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from support.models import constant
from support.small_nets import RELU, SAME, NetBuilder


def odd_kernels() -> bytes:
    """5 x 3, 5 x 5 and 7 x 7 kernels, strides, and channels that are no multiples of four."""
    net = NetBuilder(zero_point=-128)
    image = net.value(1, 41, 37, 3)
    x = net.conv(image, (1, 21, 19, 18), (18, 5, 3, 3), stride=2, padding=SAME, activation=RELU)
    x = net.depthwise(x, (1, 21, 19, 18), (5, 5))
    x = net.conv(x, (1, 21, 19, 30), (30, 1, 1, 18), activation=RELU)
    x = net.depthwise(x, (1, 11, 10, 30), (7, 7), stride=2)
    x = net.conv(x, (1, 11, 10, 45), (45, 1, 1, 30), activation=RELU)
    x = net.depthwise(x, (1, 11, 10, 45), (3, 3))
    x = net.conv(x, (1, 11, 10, 10), (10, 1, 1, 45))
    return net.finish([image], [x])


def grouped() -> bytes:
    """Grouped convolutions, of whole words of channels and not."""
    net = NetBuilder(zero_point=-128)
    image = net.value(1, 24, 24, 6)
    x = net.conv(image, (1, 24, 24, 24), (24, 3, 3, 3), padding=SAME, activation=RELU)
    x = net.conv(x, (1, 24, 24, 36), (36, 1, 1, 8), activation=RELU)
    x = net.conv(x, (1, 12, 12, 45), (45, 3, 3, 12), stride=2, padding=SAME, activation=RELU)
    x = net.conv(x, (1, 12, 12, 20), (20, 1, 1, 45))
    return net.finish([image], [x])


def dense() -> bytes:
    """Fully connected layers only, as an autoencoder has them: each weight is met once."""
    net = NetBuilder(zero_point=-128)
    rng = np.random.default_rng(5)
    image = x = net.value(1, 640)
    for inputs, outputs in ((640, 128), (128, 128), (128, 9), (9, 130), (130, 640)):
        weights = rng.integers(-127, 128, (outputs, inputs), dtype=np.int8)
        bias = rng.integers(-3000, 3000, outputs, dtype=np.int32)
        constants = [net.tensor(constant(weights, scale=0.005)), net.tensor(constant(bias))]
        options = schema.FullyConnectedOptionsT(fusedActivationFunction=RELU)
        x = net.made("FULLY_CONNECTED", [x, *constants], (1, outputs), options)
    return net.finish([image], [x])


MODELS: dict[str, Callable[[], bytes]] = {
    "odd_kernels": odd_kernels,
    "grouped": grouped,
    "dense": dense,
}
"""By name."""
