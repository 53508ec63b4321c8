from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from support.models import ModelBuilder, Value, constant

from edgekit.frontends.max_pool_pads import with_finite_pads
from edgekit.tflite.editing import Editor

_IMAGE = (1, 4, 5, 3)


def _padded(before: str = "RELU", pool: str = "MAX_POOL_2D", pad: float = -np.inf) -> bytes:
    """An op, a border of `pad` of one pixel, and a pool of 3 x 3 by steps of 2."""
    net = ModelBuilder()
    image = net.tensor(Value(_IMAGE, dtype="float32"))
    x = net.tensor(Value(_IMAGE, dtype="float32"))
    net.op(before, [image], [x])
    border = net.tensor(constant(np.array([(0, 0), (1, 1), (1, 1), (0, 0)], np.int32)))
    value = net.tensor(constant(np.array(pad, np.float32)))
    wide = net.tensor(Value((1, 6, 7, 3), dtype="float32"))
    net.op("PADV2", [x, border, value], [wide], schema.PadV2OptionsT())
    out = net.tensor(Value((1, 2, 3, 3), dtype="float32"))
    window = schema.Pool2DOptionsT(padding=1, strideH=2, strideW=2, filterHeight=3, filterWidth=3)
    net.op(pool, [wide], [out], window)
    return net.finish([image], [out])


def _pads(model: bytes) -> list[float]:
    editor = Editor(model, "m")
    values = [editor.constant(op.inputs[2]) for op in editor.ops() if op.op == "PADV2"]
    return [float(value) for value in values if value is not None]


def _run(model: bytes, x: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=model)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


@pytest.mark.parametrize("before", ["RELU", "RELU6"])
def test_zero_does_for_minus_infinity_behind_a_relu(before: str) -> None:
    model = _padded(before)
    found = with_finite_pads(model, "m")
    assert _pads(found) == [0.0]
    x = np.random.default_rng(0).normal(0, 4, _IMAGE).astype(np.float32)
    np.testing.assert_array_equal(_run(found, x), _run(model, x))


@pytest.mark.parametrize(
    ("before", "pool", "pad"),
    [
        ("TANH", "MAX_POOL_2D", -np.inf),  # pixels may be less than 0
        ("RELU", "AVERAGE_POOL_2D", -np.inf),
        ("RELU", "MAX_POOL_2D", -1.0),
    ],
)
def test_other_pads_stay(before: str, pool: str, pad: float) -> None:
    model = _padded(before, pool, pad)
    assert with_finite_pads(model, "m") == model
