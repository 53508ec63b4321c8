from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from support import keras_models
from support.keras_models import CLASSES, SHAPE

from edgekit import artifacts, data, example, frontends
from edgekit.data import Dataset
from edgekit.errors import DataError, InputError, ModelError
from edgekit.quantize import QuantizedModel, looking, quantize
from edgekit.quantize.choosing import Choice, Further
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.judging import Judge, Verdict
from edgekit.quantize.pipeline import _shortfall
from edgekit.quantize.relu6 import HISTOGRAM_BINS, HISTOGRAM_RANGE
from edgekit.quantize.repairs import Case, repairs
from edgekit.runtimes import litert
from edgekit.tflite.clamps import clamps

TF = data.preprocess("tf")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    rng = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("data") / "d.npz"
    x = rng.integers(0, 256, (60, *SHAPE), np.uint8)
    np.savez(path, x=x, y=rng.integers(0, CLASSES, 60))
    return data.load(path)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keras_models.save(
        keras_models.separable(), tmp_path_factory.mktemp("tiny") / "tiny.keras"
    )


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return data.load(example.data_path())


@pytest.fixture(scope="module")
def quantized(digits: Dataset) -> QuantizedModel:
    return quantize(example.model_path(), digits, TF)


def details(model: bytes) -> tuple[Any, Any, Interpreter]:
    interpreter = Interpreter(model_content=model)
    return interpreter.get_input_details()[0], interpreter.get_output_details()[0], interpreter


def test_the_layers_of_what_was_made_are_diagnosed(quantized: QuantizedModel) -> None:
    found = quantized.diagnosis()
    assert found.model_sha256 == quantized.record.output_sha256
    assert found.output_sqnr_db > 15
    assert sum(layer.share for layer in found.layers) == pytest.approx(1)
    assert all(0.9 < layer.cosine <= 1 + 1e-6 for layer in found.layers)
    names = {layer.name for layer in found.layers}
    assert not any("/" in name or ";" in name for name in names), names


def test_input_and_output_are_int8_with_a_batch_of_one(quantized: QuantizedModel) -> None:
    entrance, exit_, _ = details(quantized.model)
    assert entrance["dtype"] == exit_["dtype"] == np.int8
    assert entrance["shape_signature"].tolist() == [1, 32, 32, 1]
    assert exit_["shape_signature"].tolist() == [1, 10]


def test_images_from_minus_one_to_one_have_the_scale_two_255ths(
    quantized: QuantizedModel,
) -> None:
    assert quantized.record.input_scale == pytest.approx(2 / 255, rel=1e-6)
    assert quantized.record.input_zero_point == -1


def test_convolutions_are_quantized_per_channel(quantized: QuantizedModel) -> None:
    tensors = details(quantized.model)[2].get_tensor_details()
    per_channel = [t for t in tensors if len(t["quantization_parameters"]["scales"]) > 1]
    assert len(per_channel) >= 2 * 27  # weights and bias of 27 convolutions


def test_int8_loses_at_most_half_a_point_on_images_left_out(
    quantized: QuantizedModel, digits: Dataset
) -> None:
    left = np.setdiff1d(np.arange(len(digits)), quantized.record.calibration_indices)
    x = data.apply(TF, digits.images[left])
    scale, zero_point = quantized.record.input_scale, quantized.record.input_zero_point
    q = np.clip(np.round(x / scale + zero_point), -128, 127).astype(np.int8)
    int8 = litert.Interpreter(quantized.model).run(q).reshape(-1, 10).argmax(axis=1)
    float_ = frontends.load(example.model_path()).predict(x).argmax(axis=1)
    labels = digits.labels[left]
    assert len(labels) == 500
    assert (int8 == labels).mean() >= (float_ == labels).mean() - 0.005


def test_the_record_says_what_was_done(quantized: QuantizedModel, digits: Dataset) -> None:
    record = quantized.record
    assert record.output_sha256 == artifacts.sha256(quantized.model)
    assert record.model_sha256 == artifacts.sha256(example.model_path().read_bytes())
    assert record.data_fingerprint == digits.fingerprint
    assert record.preprocessing == TF
    assert len(record.calibration_indices) == 100
    assert np.bincount(digits.labels[list(record.calibration_indices)]).tolist() == [10] * 10
    assert record.warnings == ()
    assert record.fixes == ()
    assert len(record.relu6) == 27


def test_the_record_survives_being_saved(quantized: QuantizedModel, tmp_path: Path) -> None:
    saved = quantized.save(tmp_path / "int8.tflite")
    assert artifacts.load(artifacts.Quantized, tmp_path / "quantize.json") == saved
    assert (tmp_path / "int8.tflite").read_bytes() == quantized.model
    assert saved.output == str(tmp_path / "int8.tflite")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_model_and_another_seed_other_images(
    tiny: Path, dataset: Dataset
) -> None:
    first, again, other = (
        quantize(tiny, dataset, TF, calibration=10, seed=seed) for seed in (0, 0, 1)
    )
    assert first.model == again.model
    assert first.record.calibration_indices != other.record.calibration_indices


@pytest.mark.slow
def test_every_format_of_a_model_gives_the_same_int8_model(
    tiny: Path, dataset: Dataset, tmp_path: Path
) -> None:
    source = frontends.load(tiny)
    assert isinstance(source, frontends.KerasModel)
    paths = [keras_models.save(source.keras, tmp_path / name) for name in ("m.h5", "saved")]
    (tmp_path / "m.tflite").write_bytes(float_tflite(source))
    expected = quantize(tiny, dataset, TF)
    q = np.random.default_rng(0).integers(-128, 128, (50, *SHAPE), np.int8)
    for path in (*paths, tmp_path / "m.tflite"):
        found = quantize(path, dataset, TF)
        np.testing.assert_array_equal(
            litert.Interpreter(found.model).run(q), litert.Interpreter(expected.model).run(q)
        )
        for one, two in zip(found.record.relu6, expected.record.relu6, strict=True):
            assert (one.layer, one.dead_channels, one.verdict) == (
                two.layer,
                two.dead_channels,
                two.verdict,
            )
            assert one.clipped_fraction == pytest.approx(two.clipped_fraction, abs=1e-4)
            assert one.range_ratio == pytest.approx(two.range_ratio, rel=1e-4)


def test_relu6_figures_are_those_of_the_activations(tiny: Path, dataset: Dataset) -> None:
    result = quantize(tiny, dataset, TF, calibration=20)
    source = frontends.load(tiny)
    assert isinstance(source, frontends.KerasModel)
    x = data.apply(TF, dataset.images[list(result.record.calibration_indices)])
    ((values, _, _),) = source.batch_norm_inputs(x, 1)
    before = np.asarray(source.keras.get_layer("conv1_bn")(values))
    flat = before.reshape(-1, 6)
    after = np.clip(flat, 0, 6)
    ranges = np.ptp(after, axis=0)
    stats = result.record.relu6[0]
    assert stats.layer == "conv1_relu"
    assert stats.channels == 6
    assert stats.clipped_fraction == pytest.approx((flat > 6).mean(), abs=1e-6)
    assert stats.dead_channels == (flat.max(axis=0) <= 0).sum() == 1
    assert stats.never_six_channels == (flat.max(axis=0) < 6).sum()
    assert stats.max == pytest.approx(flat.max(), rel=1e-5)
    assert stats.range_ratio == pytest.approx(
        ranges.max() / np.median(ranges[ranges > 0]), rel=1e-4
    )
    low, high = HISTOGRAM_RANGE
    counts, _ = np.histogram(np.clip(flat, low, high), HISTOGRAM_BINS, HISTOGRAM_RANGE)
    np.testing.assert_allclose(stats.histogram, counts, atol=2)  # bins' edges may round


def test_a_standalone_relu6_is_repaired_and_reported(tmp_path: Path, dataset: Dataset) -> None:
    path = keras_models.save(keras_models.concatenated(), tmp_path / "m.keras")
    repaired = quantize(path, dataset, TF)
    assert clamps(repaired.model, "m") == ()
    (fix,) = repaired.record.fixes
    assert fix.startswith("relu6: RELU6 #")
    left = quantize(path, dataset, TF, fix="none")
    assert left.record.fixes == ()
    assert any("Micro computes it wrongly" in text for text in left.record.warnings)


def test_wasted_levels_are_warned_of(tmp_path: Path, dataset: Dataset) -> None:
    path = keras_models.save(keras_models.pooled(), tmp_path / "m.keras")
    warnings = quantize(path, dataset, TF).record.warnings
    assert any("of 256 levels are never used" in text for text in warnings)


def test_the_default_looks_once_and_judges_each_repair_once(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it takes are passes over images: one to calibrate, one to judge each quick repair."""
    looks: list[object] = []
    judged: list[object] = []
    monkeypatch.setattr(looking, "look", counted(looks, looking.look))
    monkeypatch.setattr(Judge, "_scores", counted(judged, Judge._scores))
    record = quantize(example.model_path(), digits, TF, calibration=30, max_drop=50.0).record
    quick = [one for one in repairs().values() if not (one.always or one.on_request)]
    assert len(looks) == 1
    assert len(judged) == 1 + len(record.steps) <= 2 + len(quick)


def counted(calls: list[object], function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: object, **named: object) -> Any:
        calls.append(given)
        return function(*given, **named)

    return call


def test_what_repairs_cannot_reach_is_warned_of() -> None:
    choice = Choice(cast(Case, None), (), (), verdict_of(lost=4))
    (warning,) = _shortfall(choice, 0.5, ())
    assert "points of top-1 are lost, more than the 0.5 allowed" in warning
    assert "--fix" not in warning
    assert list(_shortfall(choice, 5.0, ())) == []


def test_what_is_next_to_try_is_named_with_all_that_was_made() -> None:
    further = Further(("rounding", "int16"), verdict_of(lost=1))
    choice = Choice(cast(Case, None), (), (), verdict_of(lost=9), further)
    (warning,) = _shortfall(choice, 0.5, ())
    assert "--fix rounding,int16, with which some 1.0 points are lost" in warning
    assert "--runtime tflm" in warning
    (warning,) = _shortfall(choice, 0.5, ("batchnorm: 2 of 27",))
    assert "--fix batchnorm,rounding,int16," in warning


def verdict_of(lost: int) -> Verdict:
    """Of 100 images."""
    losses = (np.arange(100) < lost).astype(np.float64)
    return Verdict(losses, losses, losses, losses > 0)


def test_mis_scaled_images_are_warned_of(digits: Dataset) -> None:
    raw01 = data.preprocess("raw01")
    warnings = quantize(example.model_path(), digits, raw01, calibration=30).record.warnings
    assert "wrongly scaled" in warnings[0]
    assert "--preprocess tf" in warnings[0]


def test_progress_reaches_its_end_in_every_stage(tiny: Path, dataset: Dataset) -> None:
    reports: dict[str, tuple[int, int]] = {}
    quantize(
        tiny,
        dataset,
        TF,
        calibration=12,
        progress=lambda stage, done, total: reports.__setitem__(stage, (done, total)),
    )
    assert reports["calibrating"] == (12, 12)


def test_unsuitable_images_are_refused_before_any_work(digits: Dataset, tiny: Path) -> None:
    with pytest.raises(DataError, match="32×32×1 images, the model takes 10×8×3"):
        quantize(tiny, digits, TF)


def test_an_unknown_fix_is_answered_with_the_known(digits: Dataset) -> None:
    with pytest.raises(InputError, match="no fix magic") as caught:
        quantize(example.model_path(), digits, TF, fix="relu6,magic")
    assert "relu6" in caught.value.hint


def test_a_fix_that_is_named_twice_is_refused(digits: Dataset) -> None:
    with pytest.raises(InputError, match="--fix names rounding twice"):
        quantize(example.model_path(), digits, TF, fix="rounding,relu6,rounding")


def test_values_that_overflow_are_named(tmp_path: Path, dataset: Dataset) -> None:
    model = keras_models.separable()
    kernel, bias = model.get_layer("classifier").get_weights()
    model.get_layer("classifier").set_weights([np.full_like(kernel, 3e38), bias])
    with pytest.raises(ModelError, match="NaN or infinite values on the calibration images, in "):
        quantize(keras_models.save(model, tmp_path / "m.keras"), dataset, TF)


@pytest.mark.slow
def test_a_model_for_one_image_at_a_time_is_quantized_as_the_open_one(
    tmp_path: Path, tiny: Path, dataset: Dataset
) -> None:
    keras = keras_models.load_keras()
    source = frontends.load(tiny)
    assert isinstance(source, frontends.KerasModel)
    image = keras.Input(batch_shape=(1, *SHAPE))
    single = keras.Model(image, source.keras(image))
    expected = quantize(tiny, dataset, TF).record.relu6
    x = data.apply(TF, dataset.images[:5])
    for name in ("m.keras", "saved"):
        path = keras_models.save(single, tmp_path / name)
        np.testing.assert_allclose(frontends.load(path).predict(x), source.predict(x), atol=1e-6)
        found = quantize(path, dataset, TF).record.relu6
        assert [stats.clipped_fraction for stats in found] == pytest.approx(
            [stats.clipped_fraction for stats in expected], abs=1e-4
        )


def test_ops_that_tflite_has_not_are_named(tmp_path: Path, dataset: Dataset) -> None:
    keras = keras_models.load_keras()
    image = keras.Input(SHAPE)
    x = keras.layers.GlobalAveragePooling2D()(keras.ops.erf(image))
    path = keras_models.save(keras.Model(image, x), tmp_path / "m.keras")
    with pytest.raises(ModelError, match=r"ops that \.tflite has not: Erf$"):
        quantize(path, dataset, TF)


def test_hard_sigmoids_are_not_taken_for_relu6_layers(tmp_path: Path, dataset: Dataset) -> None:
    keras = keras_models.load_keras()
    image = keras.Input(SHAPE)
    x = keras.layers.Conv2D(8, 3)(image)
    gate = keras.layers.ReLU(max_value=6.0, name="gate")(x + 3.0) / 6.0
    x = keras.layers.Conv2D(8, 3)(x * gate)
    x = keras.layers.ReLU(max_value=6.0, name="clamp")(x)
    x = keras.layers.Dense(CLASSES)(keras.layers.GlobalAveragePooling2D()(x))
    path = keras_models.save(keras.Model(image, x), tmp_path / "m.keras")
    stats = quantize(path, dataset, TF, calibration=10).record.relu6
    assert [layer.layer for layer in stats] == ["clamp"]
