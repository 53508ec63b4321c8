from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from edgekit.errors import MissingToolError
from edgekit.tensorflow_loader import quiet, tensorflow


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_what_is_written_to_the_descriptors_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        os.write(1, b"noise")
        os.write(2, b"noise")
    os.write(1, b"out")
    os.write(2, b"err")
    assert capfd.readouterr() == ("out", "err")


def test_what_python_prints_is_seen(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet(), quiet():
        sys.stderr.write("progress")
        print("result")
    assert capfd.readouterr() == ("result\n", "progress")


def test_an_interruption_restores_everything(capfd: pytest.CaptureFixture[str]) -> None:
    streams, descriptors = (sys.stdout, sys.stderr), open_descriptors()
    with pytest.raises(KeyboardInterrupt), quiet():
        raise KeyboardInterrupt
    assert (sys.stdout, sys.stderr) == streams
    assert open_descriptors() == descriptors
    os.write(2, b"err")
    assert capfd.readouterr().err == "err"


def test_a_missing_tensorflow_names_the_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(MissingToolError, match="baking needs TensorFlow") as caught:
        tensorflow("baking")
    assert "edgekit[keras]" in caught.value.hint
