"""What survives an interruption, and what must not be mixed in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgekit.errors import DeviceError, InputError
from edgekit.flows import journal as module
from edgekit.flows.journal import Journal, Part
from edgekit.flows.verdicts import judged

VERDICTS = judged(np.eye(3), np.arange(3)).packed()
PART = Part("this model, these images", VERDICTS, (1,), "image 1: …")


def put_and_fail(path: Path, part: Part, error: BaseException) -> None:
    with Journal(path) as journal:
        journal.put("device", part)
        raise error


def interrupted(path: Path, error: BaseException, part: Part = PART) -> None:
    with pytest.raises(type(error)):
        put_and_fail(path, part, error)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DeviceError("unplugged"), SystemExit(143)])
def test_what_was_put_is_there_after_an_interruption(error: BaseException, tmp_path: Path) -> None:
    path = tmp_path / "v.journal"
    interrupted(path, error)
    assert Journal(path).found("device", PART.key) == PART
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.journal"]


def test_a_part_of_other_things_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "v.journal"
    interrupted(path, KeyboardInterrupt())
    assert Journal(path).found("device", "another model, these images") is None
    assert Journal(path).found("float", PART.key) is None


def test_nothing_is_left_of_a_run_that_ended(tmp_path: Path) -> None:
    path = tmp_path / "v.journal"
    interrupted(path, KeyboardInterrupt())
    with Journal(path) as journal:
        journal.put("device", PART)
    assert not list(tmp_path.iterdir())


def test_bad_input_leaves_no_journal(tmp_path: Path) -> None:
    interrupted(tmp_path / "v.journal", InputError("no such thing"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", [lambda b: b[:-7], lambda b: b"junk" + b, lambda b: b""])
def test_a_damaged_journal_is_as_none(damage: object, tmp_path: Path) -> None:
    path = tmp_path / "v.journal"
    interrupted(path, KeyboardInterrupt())
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert Journal(path).found("device", PART.key) is None


def test_verdicts_that_were_cut_off_are_as_none(tmp_path: Path) -> None:
    path = tmp_path / "v.journal"
    interrupted(path, KeyboardInterrupt(), Part(PART.key, VERDICTS[:-1]))
    assert Journal(path).found("device", PART.key) is None


def test_it_is_written_now_and_then_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed loses a few seconds, not hours."""
    monkeypatch.setattr(module, "_EVERY_S", 0.0)
    path = tmp_path / "v.journal"
    with Journal(path) as journal:
        journal.put("device", PART)
        assert Journal(path).found("device", PART.key) == PART
