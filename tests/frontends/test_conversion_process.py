"""What a converter does wrong ends as one message; the converters here are made up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgekit.errors import MissingToolError, ModelError, ToolError
from edgekit.frontends.conversion_process import converted

MAKES = "import pathlib\ndef convert(source, folder):\n    return source.read_bytes() + b'!'\n"
RAISES = "def convert(source, folder):\n    raise ValueError('layer 7 is odd')\n"
EXITS = "import sys\ndef convert(source, folder):\n    print('noise')\n    sys.exit('gave up')\n"
DIES = "import os\ndef convert(source, folder):\n    os._exit(9)\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    path.write_bytes(b"weights")
    return path


def convert(model: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    (model.parent / "made_up_converter.py").write_text(source, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(model.parent), prepend=os.pathsep)
    return converted(model, "made_up_converter", needs=("json",), extra="some", what="a model")


def test_the_result_comes_back(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert convert(model, MAKES, monkeypatch) == b"weights!"


@pytest.mark.parametrize(("source", "said"), [(RAISES, "layer 7 is odd"), (EXITS, "gave up")])
def test_a_refusal_names_the_file_and_the_reason(
    model: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    with pytest.raises(ModelError) as caught:
        convert(model, source, monkeypatch)
    assert caught.value.message == f"{model} cannot be converted: {said}"


def test_a_converter_that_dies_is_a_failed_tool(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ToolError, match="exit code 9") as caught:
        convert(model, DIES, monkeypatch)
    assert not isinstance(caught.value, MissingToolError)


def test_packages_that_are_not_there_are_named_with_their_extra(model: Path) -> None:
    needs = ("json", "no_such_package", "nor_this_one")
    with pytest.raises(MissingToolError, match="a model needs no_such_package, nor_this_") as found:
        converted(model, "made_up_converter", needs=needs, extra="some", what="a model")
    assert 'pip install "edgekit[some]"' in found.value.hint
