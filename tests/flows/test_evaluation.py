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
from edgekit.flows import evaluation, on_device, records
from edgekit.flows.evaluation import Pictures
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
    found = evaluation.pictures(data.load(files.data), RAW, record(files))
    assert found.chosen.tolist() == list(range(20, 120))
    assert found.left_out == 20
    kept = evaluation.pictures(data.load(files.data), RAW, record(files), keep_calibration=True)
    assert len(kept) == 120


def test_images_of_other_data_are_all_used(files: classifier.Files) -> None:
    found = evaluation.pictures(data.load(files.data), RAW, record(files, data_fingerprint="other"))
    assert len(found) == 120


def test_nothing_left_to_judge_by_is_an_error(files: classifier.Files) -> None:
    everything = record(files, calibration_indices=tuple(range(120)))
    with pytest.raises(DataError, match="all 120 images"):
        evaluation.pictures(data.load(files.data), RAW, everything)


def test_a_limit_spreads_over_the_data(files: classifier.Files) -> None:
    chosen = evaluation.pictures(data.load(files.data), RAW, None, limit=5).chosen
    assert chosen.tolist() == [0, 29, 59, 89, 119]


def test_halves_round_away_from_zero_and_ends_are_cut() -> None:
    values = np.array([0.5, -0.5, 1.5, 2.4, 200.0, -200.0], np.float32)
    dataset = data.Dataset("x", values[:, None, None, None], np.zeros(6, int), ("a",), "f")
    plain = data.preprocess("custom:1:0:1")
    found = Pictures(dataset, np.arange(6), plain, 0).int8_inputs(0, 6, (1.0, 0))
    assert found.ravel().tolist() == [1, -1, 2, 2, 127, -128]
    assert found.dtype == np.int8


def test_pixels_over_255_are_exact(files: classifier.Files) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(256, 1, 1, 1)
    dataset = data.Dataset("x", pixels, np.zeros(256, int), ("a",), "f")
    found = Pictures(dataset, np.arange(256), RAW, 0).int8_inputs(0, 256, (1 / 255, -128))
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


def asked(files: classifier.Files, **options: object) -> list[int]:
    over = evaluation.pictures(data.load(files.data), RAW, None)
    places, scores = on_device.ask_all(
        lambda x: np.zeros((len(x), 7), np.int8), over, (1 / 255, -128),
        progress=silent, stage="", **options,  # type: ignore[arg-type]
    )  # fmt: skip
    assert scores.shape == (len(places), 7)
    return places.tolist()


def test_a_slow_device_sees_a_fair_part_the_same_each_time(files: classifier.Files) -> None:
    part = asked(files, samples=None, budget_s=0)
    assert len(part) == 10
    assert part == asked(files, samples=None, budget_s=0)
    assert part != list(range(10))
    assert sorted(asked(files, samples=None)) == list(range(120))


def test_samples_that_were_asked_for_are_all_taken(files: classifier.Files) -> None:
    assert len(asked(files, samples=25, budget_s=0)) == 25


def test_tflm_decides_where_litert_differs(
    files: classifier.Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that answers as TFLM does is right, even where LiteRT says something else."""
    model = files.int8_model.read_bytes()
    over = evaluation.pictures(data.load(files.data), RAW, None)
    host = evaluation.host_scores(model, over, silent)
    truth = host.copy()
    truth[4] += 1
    inputs = over.int8_inputs(4, 5, (1 / 255, -128))

    def run(_: bytes, x: np.ndarray) -> np.ndarray:
        assert (x == inputs).all()
        return truth[4:5]

    monkeypatch.setattr(on_device.tflm, "available", lambda: True)
    monkeypatch.setattr(on_device.tflm, "run", run)
    places = np.arange(10)
    right = on_device.compare(model, over, (1 / 255, -128), places, truth[:10], host)
    assert right.differing == ()
    wrong = on_device.compare(
        model, over, (1 / 255, -128), places, host[:10] + (places == 4)[:, None] * np.int8(3), host
    )
    assert wrong.differing == (4,)
    assert wrong.first_difference is not None
    assert wrong.first_difference.startswith("image 4: output 0 is ")
