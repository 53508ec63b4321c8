from __future__ import annotations

import numpy as np
import pytest
from support.float_nets import RELU, FloatNet

from edgekit.frontends.node_names import SourceNode, weight_rows, with_node_names
from edgekit.tflite.editing import Editor

Array = np.ndarray


def layer(name: str, weights: Array, source: str, *, axis: int = 0, op: str = "") -> SourceNode:
    return SourceNode(name, op, (source, "w"), (name,), weight_rows(weights, axis))


def plain(name: str, op: str, *sources: str) -> SourceNode:
    return SourceNode(name, op, sources, (name,))


class Branches:
    """A convolution, two beside each other of one shape, their sum, a pool: what became of it, and
    the source's nodes, in another order and with other axes."""

    def __init__(self) -> None:
        net = FloatNet((4, 4, 3))
        stem, left, right = net.weights(6, 3, 3), net.weights(6, 1, 6), net.weights(6, 1, 6)
        depth = net.weights(1, 3, 6)
        first = net.conv("tf.conv", net.entrance, stem, activation=RELU)
        ways = (net.conv("tf.conv_1", first, right), net.conv("tf.conv_2", first, left))
        both = net.add("tf.add", *ways)
        self.data = net.done(net.mean("tf.mean", net.depthwise("tf.depthwise", both, depth)))
        # As a batch norm in the converted model scales them: one negative, one zero.
        scales = np.linspace(-1, 4, 6, dtype=np.float32)[:, None, None, None]
        self.nodes = [
            layer("/stem", scales * stem.transpose(0, 3, 1, 2), "image"),
            plain("/relu", "", "/stem"),
            layer("/left", left.transpose(0, 3, 1, 2), "/relu"),
            layer("/right", right.transpose(0, 3, 1, 2), "/relu"),
            plain("/sum", "ADD", "/left", "/right"),
            layer("/depth", depth.transpose(3, 0, 1, 2), "/sum"),
            plain("/pool", "MEAN", "/depth"),
        ]

    def named(self) -> list[str]:
        editor = Editor(with_node_names(self.data, "m", self.nodes), "m")
        return [editor.tensor_name(op.outputs[0]) for op in editor.ops()]


def test_layers_are_known_by_their_weights_and_others_by_the_layers_before_them() -> None:
    assert Branches().named() == ["/stem", "/right", "/left", "/sum", "/depth", "/pool"]


def test_a_layer_of_other_weights_keeps_the_converter_s_name() -> None:
    model = Branches()
    other = np.random.default_rng(9).normal(size=(6, 6, 1, 1)).astype(np.float32)
    model.nodes[2] = layer("/left", other, "/relu")
    assert model.named()[:3] == ["/stem", "/right", "tf.conv_2"]


def test_of_two_alike_at_one_place_neither_is_named() -> None:
    model = Branches()
    model.nodes.insert(5, plain("/again", "ADD", "/sum"))
    assert model.named()[3] == "tf.add"


def test_a_layer_used_twice_is_named_twice() -> None:
    net = FloatNet((4, 4, 3))
    weights = net.weights(3, 3, 3)
    data = net.done(net.mean("mean", net.conv("b", net.conv("a", net.entrance, weights), weights)))
    first, again = layer("/conv", weights, "image"), layer("/conv_1", weights, "/conv")
    editor = Editor(with_node_names(data, "m", [first, again]), "m")
    assert [editor.tensor_name(editor.op(index).outputs[0]) for index in (0, 1)] == [
        "/conv",
        "/conv_1",
    ]


@pytest.mark.parametrize(
    ("axis", "turned"), [(0, (0, 3, 1, 2)), (3, (1, 2, 3, 0)), (1, (3, 0, 2, 1))]
)
def test_rows_are_the_same_on_any_axis_and_scale(axis: int, turned: tuple[int, ...]) -> None:
    weights = np.random.default_rng(0).normal(size=(5, 3, 2, 4)).astype(np.float32)
    scaled = -3 * weights.transpose(turned)
    np.testing.assert_allclose(weight_rows(scaled, axis), weight_rows(weights, 0), atol=1e-6)


def test_a_channel_without_weights_stays_finite() -> None:
    rows = weight_rows(np.zeros((2, 3), np.float32), 0)
    assert not rows.any()
    assert np.isfinite(rows).all()
