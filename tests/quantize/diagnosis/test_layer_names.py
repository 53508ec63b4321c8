from __future__ import annotations

import pytest

from edgekit.quantize.diagnosis.layer_names import layer_name


@pytest.mark.parametrize(
    ("tensor", "layer"),
    [
        ("net_1/bn_1/batchnorm/add_1;net_1/conv_1/convolution", "conv"),
        ("net_1/block_2_1/Relu6;net_1/conv_pw_13_1/Conv2D", "conv_pw_13"),
        ("net/pool/Mean", "pool"),
        ("features.3.conv.0", "features.3.conv.0"),
        ("features.3.conv_1", "features.3.conv_1"),
        ("features.3;2", "features.3"),
        ("/stem_1/stem.0/Conv", "/stem_1/stem.0/Conv"),
        ("/stem_1/Conv;1", "/stem_1/Conv"),
        ("Identity", "output"),
    ],
)
def test_a_layer_is_called_what_its_author_called_it(tensor: str, layer: str) -> None:
    assert layer_name(tensor) == layer
