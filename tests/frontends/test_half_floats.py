from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from support.models import ModelBuilder, Value, constant
from support.oracle import litert_outputs

from edgekit.frontends.half_floats import with_whole_floats
from edgekit.tflite.editing import Editor


def half_model() -> bytes:
    """x + w, with w in float16 and a DEQUANTIZE behind it."""
    model = ModelBuilder()
    x, widened, total = (model.tensor(Value((1, 4), None, dtype="float32")) for _ in range(3))
    half = model.tensor(constant(np.array([[0.1, -3.0, 0.0, 6e4]], np.float16)))
    model.op("DEQUANTIZE", [half], [widened])
    model.op("ADD", [x, widened], [total], schema.AddOptionsT())
    return model.finish([x], [total])


def test_half_floats_become_whole_ones_of_the_same_value() -> None:
    model = half_model()
    whole = with_whole_floats(model, "m")
    assert [op.op for op in Editor(whole, "m").ops()] == ["ADD"]
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    np.testing.assert_array_equal(litert_outputs(whole, x), litert_outputs(model, x))


def test_a_model_without_any_is_the_same_bytes() -> None:
    whole = with_whole_floats(half_model(), "m")
    assert with_whole_floats(whole, "m") is whole
