"""Addresses of boards behind SSH: what they may be, and that nothing in them reaches a shell."""

from __future__ import annotations

import pytest

from edgekit.errors import InputError
from edgekit.link import open_link, ssh


@pytest.mark.parametrize(
    ("port", "place", "number", "python"),
    [
        ("ssh://pi@raspberrypi", "pi@raspberrypi", None, "python3"),
        ("ssh://raspberrypi.local:2222", "raspberrypi.local", 2222, "python3"),
        ("ssh://pi@192.168.0.7/", "pi@192.168.0.7", None, "python3"),
        ("ssh://pi@[fe80::1]", "pi@fe80::1", None, "python3"),
        ("ssh://pi@h?python=/home/pi/venv/bin/python3", "pi@h", None, "/home/pi/venv/bin/python3"),
    ],
)
def test_an_address_is_taken_apart(port: str, place: str, number: int | None, python: str) -> None:
    found = ssh.parse(port)
    assert (found.place, found.number, found.python) == (place, number, python)


@pytest.mark.parametrize(
    "port",
    [
        "ssh://", "ssh://-oProxyCommand=id", "ssh://-l@host", "ssh://pi@-host", "ssh://a b",
        "ssh://host;id", "ssh://$(id)", "ssh://pi:secret@host", "ssh://host/agent", "ssh://host:x",
        "ssh://host?python=;id", "ssh://host?python=-c", "ssh://host?python=a b", "ssh://h?shell=x",
        "ssh://host?python=$(id)", "ssh://`id`@host",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(port: str) -> None:
    with pytest.raises(InputError, match="is no address") as caught:
        open_link(port)
    assert "ssh://pi@raspberrypi" in caught.value.hint


def test_ssh_asks_nothing_and_forwards_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "program", lambda: "ssh")
    command = ssh.parse("ssh://pi@board:22").command("true")
    assert command[-3:] == ["--", "pi@board", "true"]
    for option in ("BatchMode=yes", "StrictHostKeyChecking=yes", "PasswordAuthentication=no",
                   "ForwardAgent=no", "ClearAllForwardings=yes"):  # fmt: skip
        assert command[command.index(option) - 1] == "-o"
