from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.models import ModelBuilder, Value, constant, single_op

from edgekit.errors import ModelError, UnsupportedModelError
from edgekit.ir import DType
from edgekit.tflite import read_graph


def _conv(**options: int) -> bytes:
    fields = {"strideH": 1, "strideW": 2, "padding": 1, "fusedActivationFunction": 3, **options}
    return single_op(
        "CONV_2D",
        [
            Value((1, 5, 8, 2), 0.5, -3, name="image"),
            constant(np.ones((4, 2, 3, 2), np.int8), scale=[0.1, 0.2, 0.3, 0.4]),
            constant(np.arange(4, dtype=np.int32), scale=0.05),
        ],
        Value((1, 4, 3, 4), 0.25, 7, name="features"),
        schema.Conv2DOptionsT(**fields),
    )


def _altered(change: Callable[[Any], None]) -> bytes:
    """The model, unpacked, changed and packed again."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(_conv(), 0))
    change(model)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_a_model_becomes_typed_tensors_and_operations() -> None:
    graph = read_graph(_conv(), "net")
    image, weights, bias, features = graph.tensors
    (operation,) = graph.operations
    assert (image.name, image.shape, image.dtype) == ("image", (1, 5, 8, 2), DType.INT8)
    assert image.quantization is not None
    assert (image.quantization.scale, image.quantization.zero_point) == (0.5, -3)
    assert weights.quantization is not None
    assert weights.quantization.scales == tuple(map(float, np.float32([0.1, 0.2, 0.3, 0.4])))
    assert bias.data is not None
    assert bias.data.tolist() == [0, 1, 2, 3]
    assert (operation.op, operation.inputs, operation.outputs) == ("CONV_2D", (0, 1, 2), (3,))
    assert (operation.attributes.stride_h, operation.attributes.stride_w) == (1, 2)
    assert graph.where(operation) == "CONV_2D #0 (features)"
    assert features.bytes == 48


def test_unsupported_ops_and_forms_are_named_all_at_once() -> None:
    builder = ModelBuilder()
    image = builder.tensor(Value((1, 4, 4, 2), 0.5))
    first = builder.tensor(Value((1, 4, 4, 2), 0.5, name="net/first"))
    second = builder.tensor(Value((1, 4, 4, 2), 0.5, name="net/second"))
    builder.op("CUMSUM", [image], [first], schema.CumsumOptionsT())
    third = builder.tensor(Value((1, 4, 4, 2), 0.25, name="net/third"))
    real = builder.tensor(Value((1, 4, 4, 2), dtype="float32", name="net/real"))
    builder.op("ABS", [first], [second], schema.AbsOptionsT())
    builder.op("LOGISTIC", [second], [third])
    builder.op("CAST", [third], [real], schema.CastOptionsT())
    with pytest.raises(UnsupportedModelError) as caught:
        read_graph(builder.finish([image], [real]), "net")
    assert caught.value.problems == (
        "CUMSUM #0 (net/first): this op is not compiled",
        "ABS #1 (net/second): this op is not compiled",
        "CAST #3 (net/real): this op is not compiled",
        "output net/real is float32, not quantized int8: convert with "
        "inference_output_type=tf.int8",
        "LOGISTIC #2 (net/third): not compiled unless: "
        "Its output has the scale 1/256 and the zero point -128.",
    )


def test_ops_that_follow_other_rules_do_not_make_a_model_broken() -> None:
    builder = ModelBuilder()
    image = builder.tensor(Value((1, 4), 0.5, name="net/image"))
    builder.op("ASSIGN_VARIABLE", [image], [], schema.AssignVariableOptionsT())
    with pytest.raises(UnsupportedModelError) as caught:
        read_graph(builder.finish([image], [image]), "net")
    assert caught.value.problems == ("ASSIGN_VARIABLE #0: this op is not compiled",)


def test_unsupported_forms_say_what_would_be_compiled() -> None:
    with pytest.raises(UnsupportedModelError) as caught:
        read_graph(_conv(fusedActivationFunction=4), "net")
    assert caught.value.problems == (
        "CONV_2D #0 (features): not compiled unless: "
        "Its fused activation is NONE, RELU, RELU_N1_TO_1 or RELU6.",
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda m: setattr(m.subgraphs[0].tensors[0], "type", 5), "type 5 is not compiled"),
        (lambda m: setattr(m.subgraphs[0].tensors[0], "isVariable", True), "variable tensors"),
        (lambda m: setattr(m.subgraphs[0].tensors[0], "quantization", None), "input image is int8"),
        (lambda m: setattr(m.subgraphs[0], "outputs", [3, 3]), "the model has 2 outputs"),
        (lambda m: setattr(m.subgraphs[0].operators[0], "inputs", [0]), "It has 2 to 3 inputs"),
        (lambda m: setattr(m.subgraphs[0].operators[0], "inputs", [-1, 1]), "2 to 3 inputs"),
        (lambda m: setattr(m.subgraphs[0].operators[0], "inputs", [0, 0]), "weights are constant"),
        (lambda m: setattr(m.subgraphs[0].operators[0], "inputs", [1, 1]), "input is not constant"),
        (
            lambda m: setattr(m.subgraphs[0], "outputs", [0]) or m.subgraphs[0].operators.clear(),
            "computes nothing",
        ),
        (lambda m: setattr(m.subgraphs[0].tensors[3], "shape", [1, 3, 4, 4]), "the size that they"),
        (lambda m: setattr(m.subgraphs[0].tensors[3], "shape", [1, 4, 3, 2]), "whole groups"),
        (lambda m: setattr(m.subgraphs[0].tensors[0], "shape", [2, 5, 8, 2]), "batch of one"),
    ],
)
def test_each_form_that_is_not_compiled_is_refused(
    change: Callable[[Any], None], text: str
) -> None:
    with pytest.raises(UnsupportedModelError, match=text):
        read_graph(_altered(change), "net")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda m: setattr(m, "version", 2), "schema version 2"),
        (lambda m: setattr(m, "subgraphs", m.subgraphs * 2), "2 subgraphs"),
        (lambda m: setattr(m.subgraphs[0].tensors[1], "shape", [4, 2, 3, 3]), "48 bytes of data"),
        (lambda m: setattr(m.subgraphs[0].tensors[0], "shape", [-1, 5, 8, 2]), "has shape"),
        (lambda m: setattr(m.subgraphs[0].tensors[0], "shape", [1 << 20] * 4), "of shape"),
        (lambda m: setattr(m.subgraphs[0].tensors[0], "shape", [1] * 9), "list of 9"),
        (lambda m: setattr(m.subgraphs[0].tensors[0], "buffer", 77), "buffer 77 of"),
        (lambda m: setattr(m.subgraphs[0], "inputs", [12]), "tensor 12, there are 4"),
        (lambda m: setattr(m.subgraphs[0].operators[0], "inputs", [0, 1, 99]), "does not exist"),
        (lambda m: setattr(m.subgraphs[0].operators[0], "opcodeIndex", 5), "operator code 5"),
        (lambda m: setattr(m.subgraphs[0].operators[0].builtinOptions, "padding", 9), "9 is not"),
        (lambda m: setattr(m.subgraphs[0].operators[0], "builtinOptionsType", 5), "Pool2DOptions"),
        (
            lambda m: setattr(
                m.subgraphs[0].tensors[0].quantization, "scale", np.float32([np.inf])
            ),
            "not positive and finite",
        ),
        (
            lambda m: setattr(
                m.subgraphs[0].tensors[1].quantization, "zeroPoint", np.zeros(2, int)
            ),
            "4 scales, 2 zero points",
        ),
    ],
)
def test_impossible_values_are_named(change: Callable[[Any], None], text: str) -> None:
    with pytest.raises(ModelError, match=text):
        read_graph(_altered(change), "net")


def test_data_behind_the_flatbuffer_are_read_and_bounded() -> None:
    whole = _altered(lambda model: None)

    def move(size: int) -> Callable[[Any], None]:
        def change(model: Any) -> None:
            buffer = model.buffers[model.subgraphs[0].tensors[1].buffer]
            buffer.data, buffer.offset, buffer.size = None, 4096, size

        return change

    moved = _altered(move(48)).ljust(4096, b"\0") + bytes(range(48))
    weights = read_graph(moved, "net").tensors[1]
    assert weights.data is not None
    assert weights.data.reshape(-1).tolist() == list(range(48))
    assert len(whole) < 4096
    with pytest.raises(ModelError, match=r"a buffer at 4096\.\.4144 of 4143 bytes"):
        read_graph(moved[:-1], "net")


@pytest.mark.parametrize(
    "data", [b"", b"TFL3", b"\x80\x02hello", b"\x89HDF\r\n\x1a\n" * 4, bytes(64)]
)
def test_what_is_no_tflite_file_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"x is not a \.tflite file"):
        read_graph(data, "x")


def test_a_name_cannot_break_out_of_a_message() -> None:
    def change(model: Any) -> None:
        model.subgraphs[0].tensors[0].name = b"a\x1b[31m\n*/\xff"

    assert read_graph(_altered(change), "net").tensors[0].name == "a?[31m?*/?"


def _refused_or_read(data: bytes) -> None:
    started = time.monotonic()
    with contextlib.suppress(ModelError):
        read_graph(data, "net")
    assert time.monotonic() - started < 5


def test_every_truncation_is_refused() -> None:
    model = _conv()
    for length in range(len(model)):
        with pytest.raises(ModelError):
            read_graph(model[:length], "net")


_WORDS = st.sampled_from(
    [0, 1, 2, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0]
)


@given(st.data())
@settings(max_examples=400, deadline=None, derandomize=True)
def test_corrupt_bytes_never_crash_or_hang(data: st.DataObject) -> None:
    model = bytearray(_conv())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(model) // 4 - 1)) * 4
        model[at : at + 4] = data.draw(_WORDS).to_bytes(4, "little")
    _refused_or_read(bytes(model))


@given(st.integers(0, 1 << 30), st.binary(min_size=1, max_size=4))
@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_a_corrupt_real_model_never_crashes_or_hangs(
    shared_data: Path, at: int, change: bytes
) -> None:
    model = bytearray((shared_data / "tflite" / "kws_int8.tflite").read_bytes())
    at %= len(model)
    model[at : at + len(change)] = change
    _refused_or_read(bytes(model))
