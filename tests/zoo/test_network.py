"""Layers and how they are counted, on networks small enough to count by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.keras_models import load_keras

from edgekit import zoo
from edgekit.errors import InputError
from edgekit.zoo.network import (
    Activation,
    Add,
    AveragePool,
    BatchNorm,
    Concatenate,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    GlobalAveragePool,
    MaxPool,
    Network,
    channel_shuffle,
    classify,
    squeeze_excite,
)


def test_a_grouped_convolution_sees_its_group_only() -> None:
    net = Network("n", (5, 7, 6))
    x = net.add("conv", Conv(4, kernel=3, stride=2, groups=2, bias=True), net.input)
    assert x.shape == (3, 4, 4)
    assert net.params == 3 * 3 * 3 * 4 + 4
    assert net.macs == 3 * 4 * (3 * 3 * 3 * 4)
    assert net.int8_bytes == 3 * 3 * 3 * 4 + 4 * 4


def test_valid_convolutions_lose_the_margin() -> None:
    net = Network("n", (8, 9, 1))
    assert net.add("conv", Conv(1, kernel=3, padding="valid"), net.input).shape == (6, 7, 1)
    assert net.add("pool", MaxPool(3, 2, "valid"), net.input).shape == (3, 4, 1)


def test_batch_norm_counts_but_weighs_nothing_in_int8() -> None:
    net = Network("n", (4, 4, 3))
    x = net.add("dw", DepthwiseConv(3), net.input)
    net.add("bn", BatchNorm(), x)
    assert (net.params, net.params_total) == (27 + 6, 27 + 12)
    assert net.int8_bytes == 27 + 4 * 3


def test_what_waits_for_a_sum_stays_in_memory() -> None:
    net = Network("n", (4, 4, 2))
    x = net.add("wide", Conv(8), net.input)
    x = net.add("narrow", Conv(2), x)
    assert net.ram_bytes == 16 * (8 + 2)
    net.add("add", Add(), net.input, x)
    assert net.ram_bytes == 16 * (2 + 8 + 2)


def test_an_activation_has_memory_of_its_own_only_when_others_want_its_input() -> None:
    net = Network("n", (4, 4, 2))
    x = net.add("conv", Conv(5), net.input)
    y = net.add("relu", Activation("relu"), x)
    assert net.ram_bytes == 16 * (2 + 5)
    net.add("add", Add(), x, y)
    assert net.ram_bytes == 16 * (5 + 5 + 5)


def test_parts_of_a_split_live_from_then_on() -> None:
    net = Network("n", (4, 4, 6))
    left, right = net.split("split", net.input)
    assert left.shape == right.shape == (4, 4, 3)
    assert left != right
    right = net.add("conv", Conv(9), right)
    net.add("concat", Concatenate(), left, right)
    assert net.ram_bytes == 16 * (3 + 9 + 12)


def test_a_shuffle_moves_bytes_once() -> None:
    net = Network("n", (4, 2, 6))
    x = channel_shuffle(net, "shuffle", net.input, 3)
    assert x.shape == (4, 2, 6)
    assert net.ram_bytes == 2 * 48


def test_shuffling_one_group_is_nothing() -> None:
    net = Network("n", (4, 2, 6))
    assert channel_shuffle(net, "shuffle", net.input, 1) is net.input


def test_layers_without_values_are_refused() -> None:
    net = Network("tiny", (4, 4, 6))
    with pytest.raises(InputError, match=r"tiny would have a layer conv of shape \[0, 0, 2\]"):
        net.add("conv", Conv(2, kernel=5, padding="valid"), net.input)


@pytest.fixture(scope="module")
def everything() -> tuple[Network, Any]:
    """A network with every kind of layer, and its Keras model."""
    net = Network("everything", (6, 10, 4))
    x = net.add("conv", Conv(12, 3, stride=2, groups=2, bias=True, padding="valid"), net.input)
    x = channel_shuffle(net, "shuffle", x, 3)
    left, right = net.split("split", x)
    left = net.add("left_pool", MaxPool(3, 1), left)
    right = net.add("right_pool", AveragePool(3, 1), right)
    x = net.add("concat", Concatenate(), left, right)
    y = net.add("dw_bn", BatchNorm(), net.add("dw", DepthwiseConv(12, 5, bias=True), x))
    y = net.add("swish", Activation("hard_swish"), y)
    x = net.add("add", Add(), x, squeeze_excite(net, "se", y, 3, "relu"))
    x = net.add("relu", Activation("relu6"), net.add("drop", Dropout(0.5), x))
    x = net.add("hidden", Dense(7), net.add("pool", GlobalAveragePool(), x))
    classify(net, x, 5)
    load_keras()
    return net, net.keras()


def test_keras_has_the_parameters_that_were_counted(everything: tuple[Network, Any]) -> None:
    net, model = everything
    assert model.count_params() == net.params_total
    assert sum(weights.numpy().size for weights in model.trainable_weights) == net.params


def test_keras_has_the_shapes_that_were_counted(everything: tuple[Network, Any]) -> None:
    net, model = everything
    counted = {node.name: node.outputs[0].shape for node in net.nodes if node.name != "split"}
    assert {layer.name: layer.output.shape[1:] for layer in model.layers[1:]} == counted


def test_channel_j_of_group_i_becomes_channel_i_of_group_j() -> None:
    net = Network("n", (2, 3, 6))
    channel_shuffle(net, "shuffle", net.input, 3)
    load_keras()
    x = np.arange(36, dtype=np.float32).reshape(1, 2, 3, 6)
    shuffled = net.keras()(x).numpy()
    np.testing.assert_array_equal(shuffled, x[..., [0, 2, 4, 1, 3, 5]])


def test_models_are_saved_without_code(everything: tuple[Network, Any], tmp_path: Path) -> None:
    keras = load_keras()
    net, model = everything
    path = tmp_path / "m.keras"
    zoo.save(model, path)
    assert path.stat().st_size > 4 * net.params
    read = keras.models.load_model(path, safe_mode=True)  # refuses what would run code
    x = np.ones((1, *net.input.shape), np.float32)
    np.testing.assert_array_equal(read(x).numpy(), model(x).numpy())
    with pytest.raises(InputError, match="cannot write"):
        zoo.save(model, tmp_path / "m.bin")
