from __future__ import annotations

import numpy as np
import pytest
from support import float_nets
from support.models import Value, single_op
from support.oracle import litert_outputs

from edgekit.errors import ModelError
from edgekit.quantize.observing import activations, observe
from edgekit.tflite.editing import Editor

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
