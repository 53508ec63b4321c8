from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support import float_nets
from support.float_nets import FloatNet
from support.models import ModelBuilder, Value, constant
from support.oracle import litert_outputs

from edgekit.errors import ModelError
from edgekit.ir import Quantization
from edgekit.tflite.editing import ABSENT, Editor

X = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)


def edited(data: bytes) -> Editor:
    return Editor(data, "net")


def test_a_model_that_is_not_changed_computes_the_same() -> None:
    model = float_nets.residual()
    np.testing.assert_array_equal(
        litert_outputs(edited(model).bytes(), X), litert_outputs(model, X)
    )


def test_a_constant_is_read_and_replaced() -> None:
    editor = edited(float_nets.residual())
    (weights,) = (op.inputs[1] for op in editor.ops() if op.index == 0)
    values = editor.constant(weights)
    assert values is not None
    assert values.shape == editor.shape(weights) == (6, 3, 3, 3)
    editor.set_constant(weights, values * 2)
    again = edited(editor.bytes()).constant(weights)
    np.testing.assert_array_equal(again, values * 2)
    assert editor.constant(ABSENT) is None
    assert editor.constant(editor.outputs[0]) is None


def test_a_buffer_that_tensors_share_changes_for_one_of_them_only() -> None:
    builder = ModelBuilder()
    numbers = [builder.tensor(constant(np.zeros(3, np.int32), name=name)) for name in "ab"]
    builder._tensors[numbers[1]].buffer = builder._tensors[numbers[0]].buffer
    editor = edited(builder.finish([], numbers))
    editor.set_constant(editor.find("b"), np.arange(3, dtype=np.int32))
    again = edited(editor.bytes())
    np.testing.assert_array_equal(again.constant(again.find("a")), [0, 0, 0])
    np.testing.assert_array_equal(again.constant(again.find("b")), [0, 1, 2])


@pytest.mark.parametrize("quantization", [Quantization((0.5, 0.25), (0, 0), 3), None])
def test_quantization_is_written_as_it_is_read(quantization: Quantization | None) -> None:
    editor = edited(float_nets.residual())
    editor.set_quantization(2, quantization)
    assert edited(editor.bytes()).quantization(2) == quantization


def test_outputs_can_be_any_values_inside() -> None:
    editor = edited(float_nets.residual())
    editor.set_outputs([editor.find("sum")])
    found = litert_outputs(editor.bytes(), X)
    assert found.shape == (2, 8, 8, 6)


def test_parts_in_turn_compute_what_the_whole_does() -> None:
    """`sum` reads two values made in the first part: both cross the cut."""
    editor = edited(float_nets.residual())
    first = editor.part(0, 3, [editor.find("stem"), editor.find("branch")])
    second = editor.part(3, 6, [editor.find("scores")])
    assert [second.tensor_name(t) for t in second.inputs] == ["stem", "branch"]
    assert len(first.bytes()) < len(editor.bytes())
    made = [litert_outputs(_giving(first, name), X) for name in ("stem", "branch")]
    found = litert_outputs(second.bytes(), *made)
    np.testing.assert_array_equal(found, litert_outputs(editor.bytes(), X))


def _giving(part: Editor, name: str) -> bytes:
    part.set_outputs([part.find(name)])
    return part.bytes()


def test_an_op_can_be_put_between_others() -> None:
    editor = edited(float_nets.residual())
    (index,) = (op.index for op in editor.ops() if op.op == "ADD")
    add = editor.op(index)
    before = editor.add_tensor("before", editor.shape(add.outputs[0]), np.float32)
    editor.insert_op(index + 1, "RELU", [before], add.outputs)
    editor.set_op(index, outputs=[before])
    editor.set_outputs([editor.find("sum")])
    plain = edited(float_nets.residual())
    plain.set_outputs([plain.find("sum")])
    wanted = np.maximum(litert_outputs(plain.bytes(), X), 0)
    np.testing.assert_array_equal(litert_outputs(editor.bytes(), X), wanted)
    assert editor.op(index + 1).op == "RELU"


def test_options_of_an_op_are_those_that_were_given() -> None:
    net = FloatNet((8, 8, 3))
    editor = edited(net.done(net.mean("scores", net.entrance)))
    doubled = editor.add_tensor("doubled", (1, 8, 8, 3), np.float32)
    options = schema.AddOptionsT(fusedActivationFunction=1)
    editor.insert_op(0, "ADD", [editor.inputs[0]] * 2, [doubled], options=options)
    editor.set_outputs([doubled])
    np.testing.assert_array_equal(litert_outputs(editor.bytes(), X), np.maximum(2 * X, 0))


def test_names_are_found_and_unknown_ones_are_not() -> None:
    editor = edited(float_nets.residual())
    assert editor.tensor_name(editor.find("inner")) == "inner"
    assert "inner" in editor
    assert "outer" not in editor
    with pytest.raises(KeyError):
        editor.find("outer")


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(ModelError, match=r"not a \.tflite"):
        edited(b"nothing of the kind")


def test_several_subgraphs_are_refused() -> None:
    editor = edited(float_nets.residual())
    editor.model.subgraphs = editor.model.subgraphs * 2
    with pytest.raises(ModelError, match="2 subgraphs"):
        edited(editor.bytes())


def test_types_of_elements_are_numpys() -> None:
    builder = ModelBuilder()
    number = builder.tensor(Value((2,), dtype="int16"))
    editor = edited(builder.finish([number], [number]))
    assert editor.dtype(number) == np.int16
    editor.set_type(number, np.int8)
    assert edited(editor.bytes()).dtype(number) == np.int8
