from __future__ import annotations

import numpy as np
import pytest
from support.float_nets import NONE, RELU, RELU6, FloatNet
from support.int8_models import int8_tflite

from edgekit.frontends.float_model import Floats
from edgekit.quantize.diagnosis.values import Pair
from edgekit.quantize.observing import observe
from edgekit.quantize.range_search import Search, groups
from edgekit.quantize.repairs import Case, repairs
from edgekit.tflite.editing import Editor

IMAGES = np.random.default_rng(5).uniform(-0.6, 0.6, (24, 8, 8, 3)).astype(np.float32)
IMAGES[:, 2, 5] = 1  # one bright place


def net(activation: int) -> bytes:
    """A stem whose outliers the layer behind it clips, or passes on."""
    made = FloatNet((8, 8, 3))
    weights, bias = made.weights(6, 1, 3), np.zeros(6)
    weights[0], bias[0] = 20, -40  # 20 at the bright place, nothing elsewhere
    stem = made.conv("stem", made.entrance, weights, bias, RELU)
    weights = 6 * made.weights(8, 1, 6)
    weights[..., 0] = np.where(weights[..., 0] > 0, 5, -5)
    second = made.conv("second", stem, weights, activation=activation)
    scores = made.conv("scores_map", second, made.weights(5, 1, 8))
    return made.done(made.mean("scores", scores))


def case_of(model: bytes) -> Case:
    def quantize(floats: bytes) -> bytes:
        return int8_tflite(floats, IMAGES)

    return Case("net", model, model, quantize(model), IMAGES, quantize)


def output_error(case: Case, model: bytes) -> float:
    def scores(one: bytes) -> Floats:
        found = observe(one, IMAGES, ["scores"], reference=True)
        return np.concatenate([values["scores"] for values in found])

    return float(np.square(scores(model) - scores(case.reference)).sum())


def width(model: bytes, name: str) -> float:
    editor = Editor(model, "net")
    quantization = editor.quantization(editor.find(name))
    assert quantization is not None
    return 255 * quantization.scale


def test_outliers_that_a_relu6_clips_are_given_up() -> None:
    case = case_of(net(RELU6))
    repaired, did = repairs()["ranges"](case)
    assert width(repaired.int8, "stem") < 0.5 * width(case.int8, "stem")
    assert output_error(case, repaired.int8) < 0.5 * output_error(case, case.int8)
    assert "stem" in did[0]


def test_outliers_that_reach_the_output_are_kept() -> None:
    case = case_of(net(NONE))
    repaired, _ = repairs()["ranges"](case)
    assert width(repaired.int8, "stem") == pytest.approx(width(case.int8, "stem"), rel=0.02)


def test_input_and_output_keep_their_scales() -> None:
    case = case_of(net(RELU6))
    repaired, _ = repairs()["ranges"](case)
    for name in ("image", "scores"):
        assert width(repaired.int8, name) == width(case.int8, name)


def test_what_is_concatenated_has_one_range_which_both_parts_are_rounded_to() -> None:
    made = FloatNet((8, 8, 3))
    left = made.conv("left", made.entrance, made.weights(4, 1, 3), activation=RELU)
    right = made.conv("right", made.entrance, 9 * made.weights(4, 1, 3), activation=RELU)
    joined = made.concat("joined", left, right)
    second = made.conv("second", joined, 3 * made.weights(6, 1, 8), activation=RELU6)
    model = made.done(made.mean("scores", second))
    case = case_of(model)
    (group,) = (one for one in groups(Pair(model, case.int8, "net")) if "joined" in one.tensors)
    assert group.tensors == ("joined", "left", "right")
    assert [value.tensor for value in group.values] == ["left", "right"]
    repaired, _ = repairs()["ranges"](case)
    assert len({width(repaired.int8, name) for name in group.tensors}) == 1


def test_ranges_that_together_lose_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(net(RELU6))
    monkeypatch.setattr(Search, "ranges", lambda *_: {"stem": (0.0, 0.1)})
    repaired, did = repairs()["ranges"](case)
    assert did == ()
    assert repaired.int8 == case.int8
