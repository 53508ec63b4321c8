from __future__ import annotations

import numpy as np
import pytest
from support import float_nets
from support.models import Value, single_op
from support.oracle import litert_outputs

from edgekit.errors import ModelError
from edgekit.ir import Quantization
from edgekit.quantize.observing import (
    activations,
    dequantized,
    in_parallel,
    observe,
    quantized,
    weighted_layers,
)
from edgekit.tflite.editing import ABSENT, Editor

IMAGES = np.random.default_rng(0).uniform(-1, 1, (9, 8, 8, 3)).astype(np.float32)


def test_values_are_those_of_each_image_in_order() -> None:
    model = float_nets.residual()
    found = [seen["scores"] for seen in observe(model, IMAGES, ["scores"])]
    np.testing.assert_allclose(np.concatenate(found), litert_outputs(model, IMAGES), atol=1e-5)


def test_all_values_are_seen_when_none_is_named() -> None:
    model = float_nets.residual()
    names = activations(Editor(model, "net"))
    assert names == ("image", "stem", "inner", "branch", "sum", "scores_map", "scores")
    seen = next(iter(observe(model, IMAGES)))
    assert tuple(sorted(seen)) == tuple(sorted(names))
    np.testing.assert_array_equal(seen["image"], IMAGES[:1])


def test_layers_are_listed_with_their_operands_and_channel_axis() -> None:
    editor = Editor(float_nets.residual(), "net")
    found = weighted_layers(editor)
    assert [layer.name for layer in found] == ["stem", "inner", "branch", "scores_map"]
    for layer in found:
        assert layer.axis == 0
        assert layer.bias != ABSENT
        assert editor.tensor_name(layer.output) == layer.name
        assert editor.shape(layer.bias) == editor.shape(layer.weights)[:1]


def test_dequantization_is_exact_per_channel_and_per_tensor() -> None:
    values = np.array([[-128, 127], [0, 5]], np.int8)
    whole = dequantized(values, Quantization((0.5,), (-3,)))
    np.testing.assert_array_equal(whole, [[-62.5, 65.0], [1.5, 4.0]])
    each = dequantized(values, Quantization((0.5, 0.25), (0, 0), 1))
    np.testing.assert_array_equal(each, [[-64, 31.75], [0, 1.25]])
    large = np.array([2**31 - 1], np.int32)
    assert dequantized(large, Quantization((1.0,), (0,)))[0] == np.float32(2**31 - 1)


def test_quantization_rounds_half_away_from_zero_and_clips() -> None:
    given = np.array([0.25, -0.25, 0.2, 100, -100], np.float32)
    found = quantized(given, Quantization((0.5,), (1,)), np.int8)
    np.testing.assert_array_equal(found, [2, 0, 1, 127, -128])


def test_int8_values_come_back_as_real_numbers() -> None:
    step = Value((1, 2), 0.5, 0, name="in")
    model = single_op("RELU", [step], Value((1, 2), 0.5, 0, name="out"))
    (seen,) = observe(model, [np.array([-3.0, 1.5], np.float32)], ["out"], reference=True)
    np.testing.assert_array_equal(seen["out"], [[0.0, 1.5]])


def test_a_model_that_litert_cannot_run_is_refused() -> None:
    shapes = [Value((1, 2), dtype="float32", name=name) for name in ("in", "other")]
    model = single_op("CONV_2D", shapes, Value((1, 2), dtype="float32", name="out"))
    with pytest.raises(ModelError, match="LiteRT cannot run the model"):
        next(iter(observe(model, IMAGES, ["out"])))


def test_work_in_parallel_keeps_its_order_and_stays_close_to_its_reader() -> None:
    asked = []

    def items() -> object:
        for number in range(1000):
            asked.append(number)
            yield number

    results = in_parallel(lambda number: number * 2, items())  # type: ignore[arg-type]
    assert [next(results) for _ in range(5)] == [0, 2, 4, 6, 8]
    assert len(asked) < 200
    results.close()
