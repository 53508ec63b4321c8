from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgekit.errors import ModelError
from edgekit.flows.records import read_model


def test_a_file_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.tflite"
    huge.touch()
    os.truncate(huge, 3 << 30)
    with pytest.raises(ModelError, match=r"it has .*3072\.0 MiB.*, at most .*1024\.0 MiB"):
        read_model(huge)


def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tflite")
    for endless in (tmp_path / "pipe.tflite", Path("/dev/zero")):
        with pytest.raises(ModelError, match="it is not a file"):
            read_model(endless)
    with pytest.raises(ModelError, match="Is a directory"):
        read_model(tmp_path)
