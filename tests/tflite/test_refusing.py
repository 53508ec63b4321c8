from __future__ import annotations

import pytest
from ai_edge_litert import schema_py_generated as schema
from support.models import Value, single_op
from support.small_nets import NetBuilder

from edgekit.errors import UnsupportedModelError
from edgekit.tflite import read_graph


def _wide(*, op: str = "ADD") -> bytes:
    """Two int16 values between int8 ends."""
    net = NetBuilder()
    image = net.value(1, 4, 6, 3)
    how = {"zero_point": 0, "dtype": "int16"}
    fine = net.made("QUANTIZE", [image], (1, 4, 6, 3), **how)
    options = schema.AddOptionsT() if op == "ADD" else None
    second = fine if op == "ADD" else net.integers((1, 2, 1, 1))
    shape = (1, 4, 6, 3) if op == "ADD" else (1, 8, 6, 3)
    twice = net.made(op, [fine, second], shape, options, **how)
    return net.finish([image], [net.made("QUANTIZE", [twice], shape)])


def refused(model: bytes) -> UnsupportedModelError:
    with pytest.raises(UnsupportedModelError) as found:
        read_graph(model, "net")
    return found.value


def test_values_in_int16_are_one_problem() -> None:
    error = refused(_wide())
    (problem,) = error.problems
    assert problem.startswith("QUANTIZE #0 (t1): of 4 values 2 are int16, this is the first")
    assert error.message.splitlines()[0] == "net cannot be compiled ahead of time, for 1 reason:"
    assert error.hint == "int16: use --runtime tflm, or quantize without --fix int16."


def test_with_int16_ends_tflm_is_no_help() -> None:
    value = Value((1, 4), 0.1, dtype="int16")
    error = refused(single_op("ADD", [value, value], value, schema.AddOptionsT()))
    assert len(error.problems) == 2  # and two inputs
    assert "of 3 values 3 are int16, the model's ends among them" in error.message
    assert error.hint == "Convert to int8: `edgekit quantize` does."


def test_an_op_that_tflm_has_not_is_named_beside_its_int16() -> None:
    error = refused(_wide(op="TILE"))
    assert [problem.split(" ")[0] for problem in error.problems] == ["QUANTIZE", "TILE"]
    assert error.hint == "Replace these ops in the model; TensorFlow Lite Micro has no TILE."


def test_several_reasons_are_counted() -> None:
    net = NetBuilder()
    image = net.value(1, 4)
    first = net.made("SIN", [image], (1, 4))
    error = refused(net.finish([image], [net.made("COS", [first], (1, 4))]))
    assert error.message.startswith("net cannot be compiled ahead of time, for 2 reasons:")
    assert error.hint == "Replace these ops in the model, or see whether --runtime tflm takes them."
