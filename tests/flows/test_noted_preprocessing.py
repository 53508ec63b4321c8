"""A model file that went elsewhere still says how its images are prepared."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from support import classifier

from edgekit import data
from edgekit.errors import DataError
from edgekit.flows.codegen import codegen
from edgekit.flows.validate import validate
from edgekit.tflite.metadata import with_preprocessing


@pytest.fixture
def files(tmp_path: Path) -> classifier.Files:
    found = classifier.write(tmp_path)
    noted = with_preprocessing(found.int8_model.read_bytes(), "m", data.preprocess("raw01"))
    found.int8_model.write_bytes(noted)
    return found


def test_validate_need_not_be_told(files: classifier.Files) -> None:
    found = validate(files.float_model, files.int8_model, files.data)
    assert found.preprocessing == data.preprocess("raw01")
    assert found.agreement > 0.9


def test_validate_refuses_another_one(files: classifier.Files) -> None:
    with pytest.raises(DataError, match=r"preprocessing raw01 .* not torch"):
        validate(files.float_model, files.int8_model, files.data, preprocess="torch")


def test_that_images_are_no_pixels_stays_known(files: classifier.Files) -> None:
    fractions = msgspec.structs.replace(data.preprocess("raw01"), pixels=False)
    noted = with_preprocessing(files.int8_model.read_bytes(), "m", fractions)
    files.int8_model.write_bytes(noted)
    found = validate(files.float_model, files.int8_model, files.data, preprocess="raw01")
    assert found.preprocessing == fractions


@pytest.mark.parametrize("runtime", ["edgekit", "tflm"])
def test_the_c_header_says_how_pixels_become_the_input(
    files: classifier.Files, tmp_path: Path, runtime: str
) -> None:
    compiled = codegen(files.int8_model, tmp_path / "c", runtime=runtime)
    assert compiled.preprocessing == data.preprocess("raw01")
    headers = "".join(path.read_text() for path in (tmp_path / "c").glob("*.h"))
    assert "Pixels of 0..255, rgb: real = (pixel * 0.00392156863 - 0) / 1 (raw01)." in headers
