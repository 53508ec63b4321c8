"""Repairs of weights on a small network whose weights are hard to round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from support import float_nets
from support.float_nets import RELU6, FloatNet
from support.int8_models import int8_tflite
from support.native import NativeModel
from support.oracle import litert_outputs, tflm_outputs

from edgekit import data
from edgekit.quantize import quantize
from edgekit.quantize.error_feedback import nearest, round_with_feedback
from edgekit.quantize.layers import weighted_layers
from edgekit.quantize.layerwise import Pair, walk
from edgekit.quantize.observing import observe
from edgekit.quantize.repairs import Case, repairs
from edgekit.quantize.repairs.bias import shift
from edgekit.tflite.editing import Editor

Floats = npt.NDArray[np.float32]
RNG = np.random.default_rng(5)
SHAPE = (8, 6, 3)
CALIBRATION = RNG.uniform(-1, 1, (24, *SHAPE)).astype(np.float32)
OTHERS = RNG.uniform(-1, 1, (40, *SHAPE)).astype(np.float32)


def hard_to_round() -> bytes:
    """Each channel has one weight, on an input that is always 0, 40 times as large as the others.

    It sets the scale, so that the others have few steps; stock int8 gets little right.
    """
    net = FloatNet(SHAPE, seed=2)
    stem = net.conv("stem", net.entrance, net.weights(8, 3, 3), [*[1.0] * 7, -50.0], RELU6)
    depth = np.abs(net.weights(1, 3, 8)) * 2
    mid = net.depthwise("depthwise", stem, depth, 0.3, RELU6)
    first = net.conv("first", mid, dominated(net.weights(12, 1, 8)), 0.5, RELU6)
    second = net.conv("second", first, net.weights(10, 1, 12))
    return net.done(net.mean("scores", second))


def dominated(weights: Floats) -> Floats:
    weights[..., 7] = 40 * np.abs(weights).max(axis=(1, 2, 3))[:, None, None]
    return weights


@pytest.fixture(scope="module")
def case() -> Case:
    model = hard_to_round()

    def quantize(floats: bytes) -> bytes:
        return int8_tflite(floats, CALIBRATION)

    return Case("net", model, model, quantize(model), CALIBRATION, quantize)


def scores(model: bytes, images: Floats = OTHERS) -> Floats:
    return np.concatenate([seen["scores"] for seen in observe(model, images, ["scores"])])


def error(case: Case) -> float:
    """Of the scores of images that did not calibrate, relative to how much these vary."""
    wanted = scores(case.reference)
    return float(np.abs(scores(case.int8) - wanted).mean() / wanted.std(axis=0).mean())


def output_error(case: Case, layer: str) -> Floats:
    wanted = np.concatenate([v[layer] for v in observe(case.reference, OTHERS, [layer])])
    found = np.concatenate([v[layer] for v in observe(case.int8, OTHERS, [layer])])
    return found - wanted


@pytest.mark.parametrize(("name", "left"), [("bias", 0.6), ("rounding", 0.4)])
def test_a_repair_takes_most_of_the_error_of_images_that_did_not_calibrate(
    case: Case, name: str, left: float
) -> None:
    repaired, did = repairs()[name](case)
    assert did[0].startswith(f"{name}: ")
    assert did[0].endswith(" of 4 layers")
    assert error(repaired) < left * error(case), (error(repaired), error(case))


def test_bias_correction_gives_mean_outputs_back(case: Case) -> None:
    repaired, _ = repairs()["bias"](case)
    before = np.abs(output_error(case, "second").mean(axis=(0, 1, 2)))
    after = np.abs(output_error(repaired, "second").mean(axis=(0, 1, 2)))
    assert after.max() < before.max() / 3
    left = [np.abs(shift(pair)).max() for pair in walk_of(repaired)]
    assert max(left) < 0.01


def walk_of(case: Case) -> list[Pair]:
    int8 = Editor(case.int8, "net")
    return list(walk(case, int8, stage="test"))


def test_bias_correction_leaves_weights_alone(case: Case) -> None:
    repaired, _ = repairs()["bias"](case)
    before, after = Editor(case.int8, "a"), Editor(repaired.int8, "b")
    for old, new in zip(weighted_layers(before), weighted_layers(after), strict=True):
        np.testing.assert_array_equal(before.constant(old.weights), after.constant(new.weights))
        assert before.quantization(old.weights) == after.quantization(new.weights)


@pytest.mark.parametrize("name", ["bias", "rounding"])
def test_the_result_is_a_model_of_which_every_runtime_computes_the_same_bytes(
    case: Case, name: str, tmp_path: Path
) -> None:
    repaired, _ = repairs()[name](case)
    assert repaired.int8 != case.int8
    x = np.random.default_rng(1).integers(-128, 128, (6, *SHAPE), np.int8)
    wanted = tflm_outputs(repaired.int8, x)
    np.testing.assert_array_equal(litert_outputs(repaired.int8, x), wanted)
    native = NativeModel(repaired.int8, tmp_path).run(x)
    np.testing.assert_array_equal(native.reshape(wanted.shape), wanted)


@pytest.mark.parametrize("name", ["bias", "rounding"])
def test_a_repair_gives_the_same_model_every_time(case: Case, name: str) -> None:
    assert repairs()[name](case)[0].int8 == repairs()[name](case)[0].int8


@pytest.mark.parametrize("groups", [1, 5])
@pytest.mark.parametrize("taps", [9, 150])
def test_feedback_loses_less_of_the_output_than_rounding_to_the_nearest(
    groups: int, taps: int
) -> None:
    """Also where taps take more than one block."""
    rng = np.random.default_rng(taps)
    mixed = rng.normal(size=(groups, taps, taps)) @ np.diag(np.geomspace(1, 0.05, taps))
    rows = rng.normal(size=(groups, 4 * taps, taps)) @ mixed
    moments = rows.transpose(0, 2, 1) @ rows / (4 * taps) + 0.01 * np.eye(taps)
    weights = rng.normal(size=(groups, 6, taps))
    scales = np.full((groups, 6), 0.2)
    kept = weights.copy()
    rounded = round_with_feedback(weights, moments, scales)
    np.testing.assert_array_equal(weights, kept)
    assert (rounded == np.rint(rounded)).all()
    assert np.abs(rounded).max() <= 127

    def loss(whole: npt.NDArray[np.float64]) -> float:
        error = whole * 0.2 - weights
        return float(np.einsum("got,gtu,gou->", error, moments, error))

    assert loss(rounded) < 0.5 * loss(nearest(weights, scales[:, :, None]))


def test_feedback_keeps_within_int8(case: Case) -> None:
    weights = np.full((1, 1, 3), 100.0)
    rounded = round_with_feedback(weights, np.eye(3)[None], np.full((1, 1), 0.5))
    np.testing.assert_array_equal(rounded, np.full((1, 1, 3), 127.0))


@pytest.mark.parametrize("name", ["bias", "rounding"])
def test_layers_without_a_float_twin_are_left_alone(case: Case, name: str) -> None:
    stranger = float_nets.residual()  # its stem has the same name and another shape
    repaired, did = repairs()[name](replace(case, reference=stranger, float_model=stranger))
    assert did == ()
    assert repaired.int8 == case.int8


def sure_of_each_class(model: bytes, images: Floats) -> bytes:
    """The model with scores that are far apart and about 0 on average, so that answers differ."""
    editor = Editor(model, "net")
    last = weighted_layers(editor)[-1]
    weights, mean = editor.constant(last.weights), scores(model, images).mean(axis=0)
    assert weights is not None
    spread = scores(model, images).std(axis=0).mean()
    editor.set_constant(last.weights, weights * (4 / spread))
    editor.set_constant(last.bias, -mean * (4 / spread))
    return editor.bytes()


@pytest.mark.parametrize("fix", ["auto", "rounding,bias", "none"])
def test_a_model_is_repaired_as_the_user_asks(tmp_path: Path, fix: str) -> None:
    path, pixels = tmp_path / "net.tflite", RNG.integers(0, 256, (120, *SHAPE), np.uint8)
    inputs = data.apply(data.preprocess("tf"), pixels)
    path.write_bytes(sure_of_each_class(hard_to_round(), inputs))
    answers = scores(path.read_bytes(), inputs).argmax(axis=1)
    np.savez(tmp_path / "d.npz", x=pixels, y=answers)
    dataset = data.load(tmp_path / "d.npz")
    made = quantize(path, dataset, data.preprocess("tf"), fix=fix)
    agreement = (scores(made.model, inputs).argmax(axis=1) == answers).mean()
    assert (agreement > 0.85) == (fix != "none"), agreement
    assert bool(made.record.fixes) == (fix != "none")
    if fix != "auto":
        assert made.record.steps == ()
        return
    first, last = made.record.steps[0], [step for step in made.record.steps if step.kept][-1]
    assert first.repairs == ()
    assert last.expected_drop_points < first.expected_drop_points / 2
    assert made.record.validation_images == 120 - len(made.record.calibration_indices)
