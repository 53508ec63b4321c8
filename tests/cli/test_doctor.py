from __future__ import annotations

import json

import pytest

from edgekit.cli.main import run
from edgekit.flows import doctor


def test_json_is_one_object_with_every_item(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    numpy = next(item for item in found["items"] if item["name"] == "numpy")
    assert numpy["needed"] is True
    assert numpy["found"]


def test_what_is_missing_comes_with_its_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = doctor._Wanted("no-such-package", "try", doctor._package, "pip install it", True)
    monkeypatch.setattr(doctor, "_WANTED", (wanted,))
    assert run(["doctor"]) == 1
    assert "pip install it" in capsys.readouterr().out
