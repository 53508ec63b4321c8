from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgekit.artifacts import require_apart, write_bytes
from edgekit.errors import InputError


def test_a_link_goes_on_leading_to_its_file(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"old")
    link.symlink_to("file")
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="it is not a file"):
        write_bytes(tmp_path / "pipe", b"new")
    assert (tmp_path / "pipe").is_fifo()
    assert list(tmp_path.iterdir()) == [tmp_path / "pipe"]


def test_a_result_is_kept_from_its_input_under_any_name(tmp_path: Path) -> None:
    model, link = tmp_path / "m.keras", tmp_path / "link"
    model.write_bytes(b"model")
    link.symlink_to(model)
    for name in (model, link, tmp_path / "." / "x" / ".." / "m.keras"):
        with pytest.raises(InputError, match="is an input, and would be written over"):
            require_apart(name, None, model)
    require_apart(tmp_path / "int8.tflite", None, model)
