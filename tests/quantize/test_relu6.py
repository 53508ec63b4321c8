from __future__ import annotations

import msgspec
import numpy as np
import pytest

from edgekit.artifacts import Relu6Stats
from edgekit.quantize.relu6 import ClipTally, layer_name, verdict, warnings
from edgekit.quantize.spread import Spread

HEALTHY = Relu6Stats(
    layer="relu",
    clipped_fraction=0.01,
    channels=8,
    dead_channels=0,
    never_six_channels=2,
    max=9.0,
    range_ratio=1.2,
    verdict="",
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "healthy"),
        ({"clipped_fraction": 0.2}, "clips 20% of its values"),
        ({"dead_channels": 3}, "3 of 8 channels dead"),
        ({"dead_channels": 2}, "healthy"),
        ({"dead_channels": 8, "never_six_channels": 8}, "dead: no channel ever rises above 0"),
        ({"never_six_channels": 8, "max": 4.5}, "never reaches 6 (largest 4.50)"),
        ({"range_ratio": 17.0}, "uneven: widest channel 17× the median"),
        ({"clipped_fraction": 0.1, "dead_channels": 4}, "clips 10% of its values; 4 of 8"),
    ],
)
def test_verdicts_name_what_is_wrong(change: dict[str, float], words: str) -> None:
    assert verdict(msgspec.structs.replace(HEALTHY, **change)).startswith(words)


def test_uneven_channels_are_warned_of_by_the_median_layer() -> None:
    layers = [msgspec.structs.replace(HEALTHY, range_ratio=ratio) for ratio in (1.0, 9.0, 12.0)]
    (warning,) = warnings(layers)
    assert "9.0 times" in warning
    assert warnings(layers[:1]) == ()
    assert warnings(()) == ()


def test_figures_are_of_what_goes_into_the_clip() -> None:
    """Three channels: dead, half above 6, and never at 6."""
    given = np.array([[-1.0, 8.0, 3.0], [-2.0, 2.0, 1.0]], np.float32)
    spread = Spread(given.min(axis=0), given.max(axis=0), given)
    stats = ClipTally("relu", values=600, above=100, given=spread).stats()
    assert stats.clipped_fraction == pytest.approx(1 / 6)
    assert (stats.channels, stats.dead_channels, stats.never_six_channels) == (3, 1, 2)
    assert stats.max == 8.0
    assert stats.range_ratio == pytest.approx(4 / 3)  # from 2 to 6, and from 1 to 3
    assert sum(stats.histogram) == 6


@pytest.mark.parametrize(
    ("node", "layer"),
    [
        ("mobilenet_1/conv1_relu_1/Relu6", "conv1_relu"),
        ("net_1/conv_pw_13_relu_1/Relu6;net_1/conv_pw_13_bn_1/batchnorm/add_1", "conv_pw_13_relu"),
        ("conv_dw_2/Relu6", "conv_dw_2"),
        ("features.act_1;2", "features.act_1"),
        ("/stem_1/Conv", "/stem_1/Conv"),
        ("Relu6", "Relu6"),
    ],
)
def test_layer_names_are_those_of_the_keras_layers(node: str, layer: str) -> None:
    assert layer_name(node) == layer
