from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from support.float_nets import NONE, RELU, RELU6, FloatNet
from support.int8_models import int8_tflite

from edgekit import data, example, frontends
from edgekit.frontends.float_model import Floats
from edgekit.quantize.channel_ties import scale, ties
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.judging import Judge
from edgekit.quantize.looking import spreads
from edgekit.quantize.observing import observe
from edgekit.quantize.repairs import Case, repairs
from edgekit.quantize.repairs.equalization import scales_of
from edgekit.quantize.tie_noise import TieNoise
from edgekit.tflite.editing import Editor

IMAGES = np.random.default_rng(6).uniform(-1, 1, (24, 8, 8, 3)).astype(np.float32)


def chain(activation: int, gain: float = 1.0) -> bytes:
    """Convolution, depthwise, convolution with a residual branch, scores."""
    made = FloatNet((8, 8, 3), seed=3)
    weights = gain * made.weights(8, 3, 3) * np.linspace(0.2, 1, 8).reshape(-1, 1, 1, 1)
    stem = made.conv("stem", made.entrance, weights.astype(np.float32), activation=activation)
    deep = made.depthwise("deep", stem, 2 * made.weights(1, 3, 8)[..., :8], activation=activation)
    low = made.conv("low", deep, made.weights(8, 1, 8))
    wide = made.conv("wide", low, made.weights(16, 1, 8), activation=activation)
    branch = made.conv("branch", wide, made.weights(8, 1, 16))
    added = made.add("sum", low, branch)
    scores = made.conv("scores_map", added, made.weights(5, 1, 8))
    return made.done(made.mean("scores", scores))


def dense(activation: int) -> bytes:
    """A layer whose output goes by three ways: into a layer, a sum, and two concatenations."""
    made = FloatNet((8, 8, 3), seed=8)
    stem = made.conv("stem", made.entrance, made.weights(6, 3, 3), activation=activation)
    deep = made.depthwise("deep", stem, 2 * made.weights(1, 3, 6)[..., :6], activation=activation)
    first = made.concat("first", stem, deep)
    grown = made.conv("grown", first, made.weights(4, 3, 12), activation=activation)
    second = made.concat("second", made.add("sum", first, first), grown)
    scores = made.conv("scores_map", second, made.weights(5, 1, 16))
    return made.done(made.mean("scores", scores))


def uneven(model: bytes, spread: float = 1.5) -> bytes:
    """The same function with channels of very different reach."""
    editor, rng = Editor(model, "net"), np.random.default_rng(4)
    for tie in ties(editor):
        scale(editor, tie, np.exp(rng.normal(0, spread, len(tie.clips))).astype(np.float32))
    return editor.bytes()


def case_of(model: bytes, images: Floats = IMAGES) -> Case:
    def quantize(floats: bytes) -> bytes:
        return int8_tflite(floats, images)

    return Case("net", model, model, quantize(model), images, quantize)


def scores(model: bytes) -> Floats:
    found = observe(model, IMAGES, ["scores"], reference=True)
    return np.concatenate([values["scores"] for values in found])


def error(case: Case) -> float:
    return float(np.square(scores(case.int8) - scores(case.reference)).mean())


def names_of(model: bytes) -> list[set[str]]:
    editor = Editor(model, "net")
    return [{editor.tensor_name(tensor) for tensor in tie.tensors} for tie in ties(editor)]


def test_a_residual_stream_has_one_scale() -> None:
    assert names_of(chain(RELU)) == [{"stem"}, {"deep"}, {"low", "branch", "sum"}, {"wide"}]


@pytest.mark.parametrize("net", [chain, dense])
def test_scaling_any_tie_keeps_the_function(net: Callable[[int], bytes]) -> None:
    model = net(RELU)
    np.testing.assert_allclose(scores(uneven(model)), scores(model), rtol=1e-3, atol=1e-4)


def test_what_is_given_out_is_not_scaled() -> None:
    made = FloatNet((8, 8, 3))
    left = made.conv("left", made.entrance, made.weights(4, 1, 3), activation=RELU)
    deep = made.depthwise("deep", left, made.weights(1, 3, 4)[..., :4], activation=RELU)
    right = made.conv("right", made.entrance, made.weights(4, 1, 3), activation=RELU)
    joined = made.concat("joined", deep, right)
    last = made.conv("last", joined, made.weights(4, 1, 8))
    assert names_of(made.done(last)) == [{"left"}, {"deep", "right", "joined"}]


def test_concatenated_channels_keep_apart_and_are_the_same_in_all_that_hold_them() -> None:
    model = Editor(dense(RELU), "net")
    (tie,) = ties(model)
    at = {model.tensor_name(tensor): places for tensor, places in tie.at.items()}
    assert len(tie.clips) == 16
    np.testing.assert_array_equal(at["first"], np.concatenate([at["stem"], at["deep"]]))
    np.testing.assert_array_equal(at["sum"], at["first"])
    np.testing.assert_array_equal(at["second"], np.concatenate([at["sum"], at["grown"]]))
    assert sorted(at["second"]) == list(range(16))


def test_maps_concatenated_along_another_axis_are_not_scaled() -> None:
    model = Editor(dense(RELU), "net")
    for op in model.ops():
        if op.op == "CONCATENATION":
            op.options.axis = 1
    assert names_of(model.bytes()) == []


def test_a_relu6_clips_its_own_channels_of_a_concatenation() -> None:
    made = FloatNet((8, 8, 3), seed=9)
    left = made.conv("left", made.entrance, 9 * made.weights(4, 1, 3), activation=RELU6)
    right = made.conv("right", made.entrance, 9 * made.weights(4, 1, 3), activation=RELU)
    scores_map = made.conv("scores_map", made.concat("both", left, right), made.weights(5, 1, 8))
    case = case_of(made.done(made.mean("scores", scores_map)))
    (tie,) = ties(Editor(case.reference, "net"))
    assert tie.clips.tolist() == 4 * [True] + 4 * [False]
    repaired, did = repairs()["equalization"](case)
    np.testing.assert_allclose(scores(repaired.float_model), scores(case.reference), rtol=1e-4)
    assert did


def test_weights_that_two_layers_share_are_not_scaled() -> None:
    model = Editor(chain(RELU), "net")
    layers = {model.tensor_name(op.outputs[0]): op for op in model.ops()}
    twin = layers["low"].inputs[1]
    model.set_op(layers["branch"].index, inputs=(layers["low"].outputs[0], twin, -1))
    found = [{model.tensor_name(tensor) for tensor in tie.tensors} for tie in ties(model)]
    assert found == [{"stem"}]  # neither what the two make nor what they read


@pytest.mark.parametrize("net", [chain, dense])
def test_an_uneven_model_becomes_as_good_as_the_even_one(net: Callable[[int], bytes]) -> None:
    model = net(RELU)
    plain, bad = case_of(model), case_of(uneven(model))
    assert error(bad) > 10 * error(plain)
    repaired, did = repairs()["equalization"](bad)
    assert error(repaired) < 2 * error(plain)
    np.testing.assert_allclose(scores(repaired.float_model), scores(model), rtol=1e-3, atol=1e-4)
    assert did


@pytest.mark.parametrize("gain", [1.0, 6.0])
def test_a_relu6_clips_what_it_clipped_and_no_more(gain: float) -> None:
    """With the larger gain some channels reach 6; those must keep their scale."""
    model = chain(RELU6, gain)
    before = np.max([one["stem"].max(axis=(0, 1, 2)) for one in observe(model, IMAGES)], axis=0)
    assert (before >= 6).any() == (gain > 1)
    assert not (before >= 6).all()
    repaired, _ = repairs()["equalization"](case_of(model))
    np.testing.assert_allclose(scores(repaired.float_model), scores(model), rtol=1e-4, atol=1e-5)
    found = observe(repaired.float_model, IMAGES)
    after = np.max([one["stem"].max(axis=(0, 1, 2)) for one in found], axis=0)
    assert after.min() > 1.5 * before.min()
    np.testing.assert_allclose(after[before >= 6], 6)


def test_a_channel_that_is_always_nothing_is_left_alone() -> None:
    editor = Editor(chain(RELU), "net")
    weights = editor.find("stem")
    op = next(op for op in editor.ops() if op.outputs[0] == weights)
    values = editor.constant(op.inputs[1])
    assert values is not None
    editor.set_constant(op.inputs[1], values * (np.arange(8) != 2).reshape(-1, 1, 1, 1))
    case = case_of(editor.bytes())
    repaired, _ = repairs()["equalization"](case)
    np.testing.assert_allclose(
        scores(repaired.float_model), scores(case.reference), rtol=1e-4, atol=1e-5
    )
    assert error(repaired) < 2 * error(case)


def test_weights_of_a_channel_that_is_always_nothing_do_not_make_the_others_coarse() -> None:
    """As where a rescaled model has a channel that no image uses."""
    model = chain(RELU)
    editor = Editor(model, "net")
    layers = {editor.tensor_name(op.outputs[0]): op for op in editor.ops()}
    for name, factor, along in (("deep", 0.0, -1), ("low", 1e4, -1)):
        weights = layers[name].inputs[1]
        values = editor.constant(weights)
        assert values is not None
        shape = [1] * values.ndim
        shape[along] = -1
        editor.set_constant(
            weights,
            values * np.where(np.arange(8) == 3, factor, 1).reshape(shape).astype(np.float32),
        )
    case = case_of(editor.bytes())
    repaired, _ = repairs()["equalization"](case)
    assert error(repaired) < error(case) / 100
    np.testing.assert_allclose(
        scores(repaired.float_model), scores(case.reference), rtol=1e-3, atol=1e-4
    )


def test_nothing_to_scale_leaves_the_case_as_it_was() -> None:
    made = FloatNet((8, 8, 3))
    case = case_of(made.done(made.conv("only", made.entrance, made.weights(4, 1, 3), 0.0, NONE)))
    repaired, did = repairs()["equalization"](case)
    assert did == ()
    assert repaired.int8 == case.int8


def test_each_tie_takes_the_trade_with_the_least_noise() -> None:
    """And a factor common to all channels changes nothing."""
    model = Editor(uneven(chain(RELU)), "net")
    case = case_of(model.bytes())
    seen = case.spreads()
    for tie in ties(model):
        found = [seen[model.tensor_name(tensor)] for tensor in tie.tensors]
        if tie.free:
            continue
        noise = TieNoise(model, tie, found)
        scales = scales_of(model, tie, found)
        assert noise(scales) < noise(np.ones_like(scales))
        assert noise(2 * scales) == pytest.approx(noise(scales), rel=1e-4)


def narrowed(model: bytes, images: Floats, spread: float) -> bytes:
    """The same function, on these images, with channels narrowed at random below a ReLU6's 6."""
    editor, rng = Editor(model, "net"), np.random.default_rng(0)
    seen = spreads(model, images)
    for tie in ties(editor):
        highest = np.zeros(len(tie.clips))
        for tensor, places in tie.at.items():
            np.maximum.at(highest, places, seen[editor.tensor_name(tensor)].high)
        factors = np.exp(rng.normal(0, spread, len(highest)))
        open_ = highest < 6 * (1 - 1e-3)
        factors *= max(1.0, (highest / factors)[open_].max() / 6 / (1 - 1e-3))
        scale(editor, tie, np.where(open_, factors, 1).astype(np.float32))
    return editor.bytes()


def range_ratio(model: bytes, images: Floats) -> float:
    """The widest channel's range over the median one's; the median over the layers."""
    found = []
    for tensor, spread in spreads(model, images).items():
        if "Relu6" in tensor:
            ranges = spread.high[spread.high > 0]
            found.append(float(ranges.max() / np.median(ranges)))
    return float(np.median(found))


@pytest.mark.slow
def test_a_mobilenet_with_a_range_ratio_above_17_is_as_good_as_before() -> None:
    """Stock int8 loses half of its accuracy there; the example is a MobileNetV1 with ReLU6."""
    dataset, preprocessing = data.load(example.data_path()), data.preprocess("tf")
    x = data.apply(preprocessing, dataset.images)
    model = narrowed(float_tflite(frontends.load(example.model_path())), x, 1.2)
    assert range_ratio(model, x) > 17
    case = case_of(model, x[:100])
    judge = Judge("digits", model, x[100:], dataset.labels[100:])
    assert judge(case.int8).drop[0] > 40
    repaired, _ = repairs()["equalization"](case)
    assert judge(repaired.int8).drop[0] <= 1
    assert judge(repaired.int8).agreement >= 0.99
