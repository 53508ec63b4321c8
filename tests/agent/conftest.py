"""A packed agent for a board of no certain machine, and an SSH server that stands for the board."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from support import ssh_server
from support.ssh_server import SshServer
from support.tiny_network import tiny_model

from edgekit import boards
from edgekit.boards import Board
from edgekit.build import agent

MODEL = tiny_model()


@pytest.fixture(scope="session")
def anywhere() -> Board:
    """A board that is reached over SSH and runs on any machine."""
    pi = boards.load("rpi4")
    flash = msgspec.structs.replace(pi.flash, machine=None)
    return msgspec.structs.replace(pi, id="anywhere", flash=flash)


@pytest.fixture(scope="session")
def packed(anywhere: Board, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agent")
    agent.build(MODEL, "tiny", anywhere, folder)
    return folder / agent.FILE


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SshServer]:
    why_not = ssh_server.missing()
    if why_not:
        pytest.skip(why_not)
    started = ssh_server.start(tmp_path / "ssh")
    monkeypatch.setenv("PATH", f"{started.programs}{os.pathsep}{os.environ['PATH']}")
    yield started
    started.stop()
