"""Command lines run in this process, in a folder and with a state of their own."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import classifier

from edgekit.cli.main import run as run_command


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout, which must be one JSON value and nothing else."""
        return json.loads(self.out)

    def error(self) -> str:
        """The one message on stderr, which must not be a traceback; stdout must be empty."""
        assert self.out == ""
        assert self.err.startswith("error: ")
        assert self.err.count("error: ") == 1
        assert "Traceback" not in self.err
        assert "this is a bug" not in self.err
        return self.err


Run = Callable[..., Said]


def run_here(*arguments: object) -> Said:
    """Runs `edgekit …` in the folder that is current: for fixtures of a whole module."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run_command([str(argument) for argument in arguments])
    return Said(status, *(_written(stream) for stream in (out, err)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `edgekit …` in an empty folder, and says how it ended."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("EDGEKIT_DEBUG", raising=False)

    def run(*arguments: object) -> Said:
        status = run_command([str(argument) for argument in arguments])
        return Said(status, *capsys.readouterr())

    return run


@pytest.fixture
def files(tmp_path: Path) -> classifier.Files:
    """A float and an int8 model, and images that they classify."""
    return classifier.write(tmp_path)
