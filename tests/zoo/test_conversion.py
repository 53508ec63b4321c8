"""Zoo networks as Keras models and as int8 files: both are what was counted, and all is alive.

Each takes seconds, so plain pytest converts only the cheapest; what is counted of every network
without TensorFlow is in test_sizes.py and test_network.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.oracle import litert_outputs, tflm_outputs
from support.zoo_models import Int8File, alive, int8_model, pictures

from edgekit import zoo
from edgekit.zoo.network import Network

_END = {"MEAN", "FULLY_CONNECTED", "SOFTMAX"}
_MOBILE = {"CONV_2D", "DEPTHWISE_CONV_2D", *_END}
_SHUFFLED = {*_MOBILE, "MAX_POOL_2D", "RESHAPE", "TRANSPOSE", "CONCATENATION"}

# What the int8 models are made of: nothing that one of the runtimes has not, no op for a batch
# norm that was not folded, no RELU6 apart from a convolution, no QUANTIZE between scales.
OPS = {
    "mobilenet_v1": _MOBILE,
    "mobilenet_v2": {*_MOBILE, "ADD"},
    "mobilenet_v3": {*_MOBILE, "ADD", "MUL", "HARD_SWISH"},
    "shufflenet_v1": {*_SHUFFLED, "AVERAGE_POOL_2D", "ADD"},
    "shufflenet_v2": {*_SHUFFLED, "SPLIT"},
    "squeezenet": {"CONV_2D", "MAX_POOL_2D", "CONCATENATION", "MEAN", "SOFTMAX"},
    "xception": {*_MOBILE, "MAX_POOL_2D", "ADD", "RELU"},
}

# What no entry of the zoo's table has: an image that is not square, ReLU6 for ReLU, a grey image.
UNLISTED = [
    ("mobilenet_v3", {"size": "small", "resolution": "64x48", "classes": 10}),
    ("shufflenet_v1", {"scale": 0.25, "resolution": 64, "activation": "relu6", "classes": 10}),
    ("shufflenet_v2", {"scale": 0.5, "resolution": 64, "channels": 1, "classes": 10}),
]
CHEAPEST = "squeezenet", {"version": "1.1", "bypass": "none"}
EVERY = [
    pytest.param(
        entry["name"],
        {**entry["variant"], "resolution": 64, "classes": 10},
        marks=() if (entry["name"], entry["variant"]) == CHEAPEST else pytest.mark.slow,
    )
    for entry in zoo.entries()
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "metaparameters"), UNLISTED)
def test_int8_models_are_what_was_counted(name: str, metaparameters: dict[str, Any]) -> None:
    _convert_and_compare(name, metaparameters)


@pytest.mark.parametrize(("name", "metaparameters"), EVERY, ids=str)
def test_every_variant_is_what_was_counted(name: str, metaparameters: dict[str, Any]) -> None:
    _convert_and_compare(name, metaparameters)


def _convert_and_compare(name: str, metaparameters: dict[str, Any]) -> None:
    network = zoo.describe(name, **metaparameters)
    keras_model = alive(network)
    assert keras_model.count_params() == network.params_total
    assert sum(weight.numpy().size for weight in keras_model.trainable_weights) == network.params
    model = int8_model(keras_model)
    file = Int8File(model)
    assert set(file.ops) <= OPS[name] | _added(metaparameters)
    assert set(file.ops) >= OPS[name] - _left_out(metaparameters)
    assert file.most_inputs <= 10  # TFLM takes no more
    assert file.weight_bytes == network.int8_bytes
    assert file.working_set == network.ram_bytes
    _require_alive_and_right(model, network)


def _added(metaparameters: dict[str, Any]) -> set[str]:
    return {"ADD"} if metaparameters.get("bypass", "none") != "none" else set()


def _left_out(metaparameters: dict[str, Any]) -> set[str]:
    if metaparameters.get("minimalistic"):
        return {"MUL", "HARD_SWISH"}
    return {"RESHAPE", "TRANSPOSE"} if metaparameters.get("groups") == 1 else set()


def _require_alive_and_right(model: bytes, network: Network) -> None:
    x = (pictures(3, network.input.shape, seed=2) * 255 - 128).astype(np.int8)
    outputs = litert_outputs(model, x)
    assert outputs.shape == (3, *network.output.shape)
    assert len(np.unique(outputs, axis=0)) == 3  # it sees what it is shown
    # TFLM and LiteRT round a few values apart: FULLY_CONNECTED, and MUL, whose multiplier LiteRT
    # works out in float32 and TFLM in float64. One step in one of them is a few at the end.
    np.testing.assert_allclose(tflm_outputs(model, x).astype(int), outputs, rtol=0, atol=8)
