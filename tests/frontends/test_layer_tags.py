from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from support import float_nets
from support.float_nets import RELU, FloatNet
from support.models import Value, constant
from support.oracle import litert_outputs

from edgekit.frontends.layer_tags import Node, rename, tag, with_layer_names
from edgekit.tflite.editing import Editor

NODES = [
    Node("stem.conv", weighted=True),
    Node("stem.norm", weighted=False),
    Node("stem.act", weighted=False),
    Node("block", weighted=False),
    Node("block.expand", weighted=True),
    Node("block.act", weighted=False),
    Node("pool", weighted=False),
]
STEM, NORM, ACT, BLOCK, EXPAND, BLOCK_ACT, POOL = range(len(NODES))


def joined(*numbers: int, end: str = "") -> str:
    """As converters join the names of what they fused, the last of them first."""
    return ";".join(f"{tag(number)};" for number in numbers) + end


def named(data: bytes, last: int | None = None) -> dict[str, list[str]]:
    editor = Editor(with_layer_names(data, "m", NODES, last), "m")
    found: dict[str, list[str]] = {}
    for op in editor.ops():
        found.setdefault(op.op, []).append(editor.tensor_name(op.outputs[0]))
    return found


def net(*names: str) -> bytes:
    """A convolution, another, their sum and its mean, with these names for their results."""
    made = FloatNet((4, 4, 3))
    stem = made.conv(names[0], made.entrance, made.weights(3, 1, 3), activation=RELU)
    inner = made.conv(names[1], stem, made.weights(3, 1, 3), activation=RELU)
    return made.done(made.mean(names[3], made.add(names[2], stem, inner)))


def test_a_fused_layer_goes_by_the_node_that_has_weights() -> None:
    data = net(joined(ACT, NORM, STEM, end="1"), joined(BLOCK_ACT, EXPAND), "sum", "mean")
    assert named(data)["CONV_2D"] == ["stem.conv", "block.expand"]


def test_a_constant_shared_with_an_earlier_layer_lends_it_no_name() -> None:
    # The zero of a ReLU is one constant for all of them, under the name of the first.
    data = net(joined(ACT, STEM), joined(BLOCK_ACT, STEM, EXPAND), joined(BLOCK, ACT), "mean")
    assert named(data)["CONV_2D"] == ["stem.conv", "block.expand"]
    assert named(data)["ADD"] == ["block"]


def test_the_result_goes_by_the_node_that_computes_it() -> None:
    data = net(joined(STEM), joined(EXPAND), joined(BLOCK), "serving_default_output")
    assert named(data, last=POOL)["MEAN"] == ["pool"]


def test_what_has_no_tag_goes_by_its_op() -> None:
    data = net("a.<locals>.Model;1", "a.<locals>.Model;2", tag(99), "a.<locals>.Model;3")
    assert named(data) == {"CONV_2D": ["conv_2d", "conv_2d;1"], "ADD": ["add"], "MEAN": ["mean"]}


def test_every_name_stays_one_tensors_and_values_stay() -> None:
    data = net(joined(STEM), joined(STEM, end="1"), joined(STEM, end="2"), "stem.conv")
    changed = with_layer_names(data, "m", NODES, None)
    editor = Editor(changed, "m")
    names = [editor.tensor_name(tensor) for tensor in range(editor.tensors)]
    assert len(set(names)) == len(names)
    assert names.count("stem.conv") == 1
    assert [editor.find(name) for name in names] == [*range(editor.tensors)]
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 3)).astype(np.float32)
    assert np.array_equal(litert_outputs(changed, [x])[0], litert_outputs(data, [x])[0])


def padded(names: Sequence[str]) -> bytes:
    made = FloatNet((4, 4, 3))
    border = made.tensor(constant(np.zeros((4, 2), np.int32)))
    image = made.tensor(Value((1, 4, 4, 3), dtype="float32", name=names[0]))
    made.op("PAD", [made.entrance, border], [image])
    return made.done(made.conv(names[1], image, made.weights(2, 1, 3)))


def test_a_layer_s_own_op_bears_its_name_alone_its_pad_a_number() -> None:
    assert named(padded([joined(STEM), joined(STEM, end="1")])) == {
        "PAD": ["stem.conv;1"],
        "CONV_2D": ["stem.conv"],
    }


def test_weights_tell_of_a_layer_whose_result_does_not() -> None:
    editor = Editor(padded(["pad", "serving_default_output"]), "m")
    convolution = editor.op(1)
    editor.rename(convolution.inputs[1], joined(NORM, STEM))
    found = Editor(with_layer_names(editor.bytes(), "m", NODES, POOL), "m")
    assert found.tensor_name(convolution.outputs[0]) == "stem.conv"
    assert found.tensor_name(convolution.inputs[1]) == "stem.conv;1"


def test_names_of_others_are_not_taken() -> None:
    editor = Editor(float_nets.residual(), "m")
    stem, inner = editor.find("stem"), editor.find("inner")
    rename(editor, {stem: "sum", inner: "stem"})
    assert (editor.tensor_name(stem), editor.tensor_name(inner)) == ("sum;1", "stem")
