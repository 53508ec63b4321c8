"""Which images judge a model, how they become inputs, and what is believed about a record."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from support import artifacts as made
from support import classifier

from edgekit import artifacts, data
from edgekit.errors import DataError, ModelError
from edgekit.flows import evaluation, records
from edgekit.flows.pictures import Pictures, pictures, quantized
from edgekit.flows.progress import silent

RAW = data.preprocess("raw01")


@pytest.fixture
def files(tmp_path: Path) -> classifier.Files:
    return classifier.write(tmp_path)


def record(files: classifier.Files, **changes: object) -> artifacts.Quantized:
    """Of the int8 model, calibrated on images 0 to 19 of the data."""
    fields = {
        "model": "seven.keras",
        "output_sha256": artifacts.sha256(files.int8_model.read_bytes()),
        "data_fingerprint": data.load(files.data).fingerprint,
        "calibration_indices": tuple(range(20)),
        **changes,
    }
    return msgspec.structs.replace(made.quantized(), **fields)


def test_images_that_calibrated_are_left_out(files: classifier.Files) -> None:
    found = pictures(data.load(files.data), RAW, record(files))
    assert found.chosen.tolist() == list(range(20, 120))
    assert found.left_out == 20
    kept = pictures(data.load(files.data), RAW, record(files), keep_calibration=True)
    assert len(kept) == 120


def test_images_of_other_data_are_all_used(files: classifier.Files) -> None:
    found = pictures(data.load(files.data), RAW, record(files, data_fingerprint="other"))
    assert len(found) == 120


def test_nothing_left_to_judge_by_is_an_error(files: classifier.Files) -> None:
    everything = record(files, calibration_indices=tuple(range(120)))
    with pytest.raises(DataError, match="all 120 images"):
        pictures(data.load(files.data), RAW, everything)


def test_a_limit_spreads_over_the_data(files: classifier.Files) -> None:
    chosen = pictures(data.load(files.data), RAW, None, limit=5).chosen
    assert chosen.tolist() == [0, 29, 59, 89, 119]


def test_halves_round_away_from_zero_and_ends_are_cut() -> None:
    values = np.array([0.5, -0.5, 1.5, 2.4, 200.0, -200.0], np.float32)
    dataset = data.Dataset("x", values[:, None, None, None], np.zeros(6, int), ("a",), "f")
    plain = data.preprocess("custom:1:0:1")
    found = Pictures(dataset, np.arange(6), plain, 0).int8_inputs(slice(0, 6), (1.0, 0))
    assert found.ravel().tolist() == [1, -1, 2, 2, 127, -128]
    assert found.dtype == np.int8


def test_pixels_over_255_are_exact(files: classifier.Files) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(256, 1, 1, 1)
    dataset = data.Dataset("x", pixels, np.zeros(256, int), ("a",), "f")
    found = Pictures(dataset, np.arange(256), RAW, 0).int8_inputs(slice(0, 256), (1 / 255, -128))
    assert found.ravel().tolist() == list(range(-128, 128))


def test_a_record_of_another_model_is_not_believed(files: classifier.Files) -> None:
    beside = files.int8_model.with_name("quantize.json")
    artifacts.save(record(files), beside)
    assert records.record_of(files.int8_model) is not None
    assert records.model_name(files.int8_model) == "seven"
    artifacts.save(record(files, output_sha256="0" * 64), beside)
    assert records.record_of(files.int8_model) is None
    assert records.model_name(files.int8_model) == "seven_int8"


def test_preprocessing_comes_from_the_record_and_must_not_contradict_it(
    files: classifier.Files,
) -> None:
    known = record(files)
    assert records.preprocessing_for(None, known) == known.preprocessing
    assert records.preprocessing_for("raw01", known).name == "raw01"
    with pytest.raises(DataError, match="not tf"):
        records.preprocessing_for("tf", known)
    with pytest.raises(DataError, match="not known"):
        records.preprocessing_for(None, None)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no\.tflite: No such file"):
        records.read_model(tmp_path / "no.tflite")


@pytest.mark.parametrize("name", ["raw01", "tf", "torch", "caffe"])
def test_pixels_that_are_looked_up_are_what_arithmetic_makes_of_them(name: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 20, 16, 3), np.uint8)
    dataset = data.Dataset("x", pixels, np.zeros(5, int), ("a",), "f")
    over = Pictures(dataset, np.array([3, 1, 4]), data.preprocess(name), 0)
    for scale, zero_point in [(1 / 255, -128), (0.0187, -14), (1.3, 3)]:
        wanted = quantized(over.inputs(slice(0, 3)), (scale, zero_point))
        found = over.int8_inputs(slice(0, 3), (scale, zero_point))
        assert np.array_equal(found, wanted)


def test_scores_of_all_images_are_those_of_one_image_at_a_time(files: classifier.Files) -> None:
    over = pictures(data.load(files.data), RAW, None)
    model = files.int8_model.read_bytes()
    found = evaluation.host_scores(model, over, silent)
    ints = evaluation.Int8Scores(model, over, surely=True)
    assert ints.model.kernels == "native"
    one_by_one = [ints.scores(over, slice(at, at + 1)) for at in range(len(over))]
    assert np.array_equal(found, np.concatenate(one_by_one))
    floats = evaluation.float_scores(files.float_model, over, silent)
    assert floats.shape == found.shape == (120, 7)


def test_batches_cover_all_images_and_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.broadcast_to(np.uint8(0), (1000, 224, 224, 3))
    over = Pictures(data.Dataset("x", pixels, np.zeros(1000, int), ("a",), "f"),
                    np.arange(997), RAW, 0)  # fmt: skip
    found = list(evaluation.batches(over))
    assert [at for one in found for at in range(one.start, one.stop)] == list(range(997))
    assert max(one.stop - one.start for one in found) * 224 * 224 * 3 * 4 <= 32 << 20
