from __future__ import annotations

import numpy as np
import pytest
from support.float_nets import RELU, RELU6, FloatNet
from support.int8_models import int8_tflite
from support.oracle import litert_outputs, tflm_outputs

from edgekit.frontends.float_model import Floats
from edgekit.quantize.looking import spreads
from edgekit.quantize.observing import observe
from edgekit.quantize.repairs import Case, repairs
from edgekit.quantize.spread import ranges
from edgekit.quantize.widening import may_widen, widen
from edgekit.tflite.editing import Editor

IMAGES = np.random.default_rng(7).uniform(-1, 1, (16, 8, 8, 3)).astype(np.float32)


def net() -> bytes:
    made = FloatNet((8, 8, 3), seed=5)
    stem = made.conv("stem", made.entrance, made.weights(6, 3, 3), 0.1, RELU6)
    deep = made.depthwise("deep", stem, 2 * made.weights(1, 3, 6)[..., :6], -0.05, RELU)
    low = made.conv("low", deep, made.weights(6, 1, 6), 0.2)
    branch = made.conv("branch", low, made.weights(6, 3, 6))
    added = made.add("sum", low, branch)
    twice = made.add("twice", added, added)
    scores = made.conv("scores_map", twice, made.weights(5, 1, 6))
    return made.done(made.mean("scores", scores))


@pytest.fixture(scope="module")
def case() -> Case:
    def quantize(floats: bytes) -> bytes:
        return int8_tflite(floats, IMAGES)

    model = net()
    return Case("net", model, model, quantize(model), IMAGES, quantize)


def widened(case: Case, *names: str) -> bytes:
    model, seen = Editor(case.int8, "net"), ranges(spreads(case.float_model, IMAGES))
    assert all(may_widen(model, model.find(name)) for name in names)
    widen(model, {model.find(name): seen[name] for name in names})
    return model.bytes()


def error(case: Case, model: bytes) -> float:
    def scores(one: bytes) -> Floats:
        return np.concatenate([found["scores"] for found in observe(one, IMAGES, ["scores"])])

    return float(np.square(scores(model) - scores(case.reference)).mean())


@pytest.mark.parametrize(
    "names",
    [("stem",), ("deep",), ("sum",), ("low", "sum"), ("stem", "deep", "low", "branch", "twice")],
    ids="+".join,
)
def test_litert_and_tflm_compute_the_same_bytes(case: Case, names: tuple[str, ...]) -> None:
    model = widened(case, *names)
    x = np.random.default_rng(8).integers(-128, 128, (6, 8, 8, 3), np.int8)
    np.testing.assert_array_equal(tflm_outputs(model, x), litert_outputs(model, x))


def test_values_in_int16_are_held_much_more_finely(case: Case) -> None:
    names = ("stem", "deep", "low", "branch", "sum", "twice")
    model = widened(case, *names)
    fine, coarse, exact = (list(observe(m, IMAGES, ["deep"])) for m in
                           (model, case.int8, case.reference))  # fmt: skip

    def off(found: list[dict[str, Floats]]) -> float:
        pairs = zip(found, exact, strict=True)
        return float(np.mean([np.square(a["deep"] - b["deep"]).mean() for a, b in pairs]))

    assert off(fine) < 0.8 * off(coarse)  # what is left is the weights' and the input's
    assert error(case, model) < error(case, case.int8)
    editor = Editor(model, "net")
    assert all(editor.dtype(editor.find(name)) == np.int16 for name in names)


def test_ends_and_what_other_ops_read_stay_int8(case: Case) -> None:
    model = Editor(case.int8, "net")
    refused = [name for name in ("image", "scores_map", "scores") if
               may_widen(model, model.find(name))]  # fmt: skip
    assert refused == []


def test_the_guiltiest_are_taken_and_named(case: Case) -> None:
    repaired, did = repairs()["int16"](case)
    editor = Editor(repaired.int8, "net")
    wide = [name for name in ("stem", "deep", "low", "branch", "sum", "twice")
            if editor.dtype(editor.find(name)) == np.int16]  # fmt: skip
    assert 1 <= len(wide) < 6
    assert any(name in did[0] for name in wide)
    assert error(case, repaired.int8) < error(case, case.int8)
    assert repairs()["int16"].on_request
