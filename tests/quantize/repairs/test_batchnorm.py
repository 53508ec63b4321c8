"""Batch norms whose statistics were spoilt, in the example's model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgekit import data, example, frontends
from edgekit.data import Dataset
from edgekit.frontends import KerasModel
from edgekit.frontends.batch_norms import BatchNorms, Statistics
from edgekit.frontends.float_model import Floats
from edgekit.quantize import quantize
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.repairs.batchnorm import reestimate
from edgekit.quantize.replaying import as_quantized, mend_as_quantized
from edgekit.tensorflow_loader import quiet

TF = data.preprocess("tf")


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return data.load(example.data_path())


@pytest.fixture(scope="module")
def few(digits: Dataset) -> Floats:
    chosen, _ = data.split(len(digits), 80, 0, labels=digits.labels)
    return data.apply(TF, digits.images[chosen])


def model(spoilt: tuple[int, ...] = ()) -> KerasModel:
    """The example's model; batch norms of these numbers never saw what they are given."""
    found = frontends.load(example.model_path())
    assert isinstance(found, KerasModel)
    norms, rng = BatchNorms(found), np.random.default_rng(1)
    norms.set([_fresh(one, rng) if number in spoilt else one
               for number, one in enumerate(norms.statistics)])  # fmt: skip
    return found


def _fresh(found: Statistics, rng: np.random.Generator) -> Statistics:
    """Wrong by a deviation, and by a factor that differs from channel to channel."""
    off = rng.normal(0, 1, found.mean.shape) * np.sqrt(found.variance + found.epsilon)
    factors = np.exp(rng.normal(0, 1, found.mean.shape)) * 4
    mean, variance = found.mean + off, found.variance * factors
    return Statistics(mean.astype(np.float32), variance.astype(np.float32), found.epsilon)


def right(source: KerasModel, dataset: Dataset) -> float:
    x = data.apply(TF, dataset.images)
    return float((source.predict(x).argmax(axis=1) == dataset.labels).mean())


def test_what_training_left_is_what_images_give(few: Floats) -> None:
    norms = BatchNorms(model())
    assert len(norms.names) > 3
    met = norms.measure([few[:40], few[40:]])
    assert max(a.distance(b) for a, b in zip(norms.statistics, met, strict=True)) < 0.3
    assert norms.statistics[0].mean.shape == met[0].mean.shape


@pytest.mark.slow
def test_only_what_is_off_is_found_off_and_mended(few: Floats, digits: Dataset) -> None:
    """One that is wrong does not make those behind it look wrong."""
    good, source = model(), model(spoilt=(1, 3))
    names = BatchNorms(source).names
    assert right(source, digits) < right(good, digits) - 0.2
    (did,) = reestimate(source, few)
    assert did == f"batchnorm: 2 of {len(names)} batch norms re-estimated ({names[1]}, {names[3]})"
    assert right(source, digits) > right(good, digits) - 0.02
    pairs = zip(BatchNorms(source).statistics, BatchNorms(good).statistics, strict=True)
    kept = [number for number, (a, b) in enumerate(pairs) if (a.mean == b.mean).all()]
    assert kept == [number for number in range(len(names)) if number not in (1, 3)]


def test_a_sound_model_is_left_alone(few: Floats) -> None:
    assert reestimate(model(), few) == ()


@pytest.mark.slow
def test_models_without_batch_norms_are_left_alone(few: Floats, tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(float_tflite(model()))
    assert reestimate(frontends.load(path), few) == ()


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spoilt") / "spoilt.keras"
    with quiet():
        model(spoilt=(1, 3)).keras.save(path)
    return path


@pytest.mark.slow
def test_quantizing_mends_as_asked_and_the_record_lets_it_be_made_again(
    spoilt: Path, digits: Dataset
) -> None:
    made = quantize(spoilt, digits, TF, fix="batchnorm")
    assert made.record.fixes[0].startswith("batchnorm: 2 of ")
    calibration = data.apply(TF, digits.images[list(made.record.calibration_indices)])
    again = frontends.load(spoilt)
    mend_as_quantized(again, made.record.fixes, calibration)
    found = as_quantized(float_tflite(again), made.record.fixes, calibration, "m")
    assert found == made.float_model


@pytest.mark.slow
def test_what_makes_a_spoilt_model_right_again_is_chosen(spoilt: Path, digits: Dataset) -> None:
    made = quantize(spoilt, digits, TF)
    assert made.record.fixes[0].startswith("batchnorm: 2 of ")
    assert " before, " in made.record.fixes[0]
    assert quantize(spoilt, digits, TF, fix="none").record.fixes == ()


def test_images_of_a_wrong_scale_are_not_made_good_for(digits: Dataset) -> None:
    """The guard names the mistake; statistics that suit it would hide it."""
    made = quantize(example.model_path(), digits, data.preprocess("raw01"))
    assert any("wrongly scaled" in warning for warning in made.record.warnings)
    assert not any(fix.startswith("batchnorm") for fix in made.record.fixes)
