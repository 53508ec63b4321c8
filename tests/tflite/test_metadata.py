"""Notes inside a .tflite file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import classifier

from edgekit import data
from edgekit.errors import ModelError
from edgekit.runtimes import litert
from edgekit.tflite import metadata, rewriting


@pytest.fixture
def model(tmp_path: Path) -> bytes:
    return classifier.write(tmp_path).int8_model.read_bytes()


def test_a_model_carries_its_preprocessing(model: bytes) -> None:
    torch = data.preprocess("torch")
    assert metadata.preprocessing_of(model, "m") is None
    noted = metadata.with_preprocessing(model, "m", torch)
    assert metadata.preprocessing_of(noted, "m") == torch


def test_a_new_note_replaces_the_old_one(model: bytes) -> None:
    noted = metadata.with_preprocessing(model, "m", data.preprocess("raw01"))
    noted = metadata.with_preprocessing(noted, "m", data.preprocess("caffe"))
    assert metadata.preprocessing_of(noted, "m") == data.preprocess("caffe")
    assert len(rewriting.unpack(noted, "m").metadata) == 1


def test_a_note_changes_no_output(model: bytes) -> None:
    images = np.random.default_rng(0).integers(-128, 128, (5, *classifier.SHAPE), dtype=np.int8)
    noted = metadata.with_preprocessing(model, "m", data.preprocess("tf"))
    before, after = (litert.Interpreter(found).run(images) for found in (model, noted))
    np.testing.assert_array_equal(before, after)


def test_a_damaged_note_is_named(model: bytes) -> None:
    noted = metadata.with_preprocessing(model, "m", data.preprocess("raw01"))
    at = noted.index(b'{"name":"raw01"')
    damaged = noted[:at] + b"?" + noted[at + 1 :]
    with pytest.raises(ModelError, match="preprocessing that cannot be read"):
        metadata.preprocessing_of(damaged, "m")
