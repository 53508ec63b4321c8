"""A program on this machine as a board: exec://."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import pytest

from edgekit.errors import InputError, LinkTimeoutError, NoDeviceError, PortBusyError
from edgekit.link import open_link

ECHO = "import os\nwhile data := os.read(0, 99): os.write(1, data)"


def _port(program: str) -> str:
    return f"exec://{shlex.join([sys.executable, '-c', program])}"


def test_bytes_go_in_and_come_out() -> None:
    with open_link(_port(ECHO)) as link:
        link.write(b"\0\xff frame")
        assert link.read(10) == b"\0\xff frame"
        assert link.read(0.01) == b""


def test_a_program_that_ends_says_why() -> None:
    with (
        open_link(_port("import sys; sys.exit('no model here')")) as link,
        pytest.raises(NoDeviceError, match="ended with exit code 1: no model here"),
    ):
        link.read(10)


def test_a_program_that_says_it_is_busy_is_held_by_someone() -> None:
    program = "import os; os.write(2, b'edgekit: the board is held by pid 7'); os._exit(75)"
    with (
        open_link(_port(program)) as link,
        pytest.raises(PortBusyError, match=r"^the board is held by pid 7$"),
    ):
        link.read(10)


def test_writing_to_a_program_that_has_ended_says_so() -> None:
    with open_link(_port("pass")) as link:
        with pytest.raises(NoDeviceError, match="exit code 0"):
            link.read(10)
        with pytest.raises(NoDeviceError):
            link.write(b"x" * 100)


def test_a_program_that_takes_nothing_does_not_hang_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgekit.link.process._WRITE_TIMEOUT_S", 0.2)
    with (
        open_link(_port("import time; time.sleep(60)")) as link,
        pytest.raises(LinkTimeoutError, match="took no bytes"),
    ):
        link.write(bytes(1 << 20))


def test_closing_ends_even_a_program_that_does_not_listen(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = (
        "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open({str(note)!r}, 'w').write(str(os.getpid())); os.write(1, b'up'); time.sleep(60)"
    )
    link = open_link(_port(program))
    assert link.read(10) == b"up"
    started = time.monotonic()
    link.close()
    link.close()
    assert time.monotonic() - started < 10
    assert not Path("/proc", note.read_text()).exists()
    with pytest.raises(NoDeviceError, match="is closed"):
        link.read(1)


@pytest.mark.parametrize(
    ("port", "message"), [("exec://", "names no program"), ("exec://'", "is no command")]
)
def test_what_is_no_command_is_refused(port: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_link(port)


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(NoDeviceError, match="cannot run there-is-no-such-program"):
        open_link("exec://there-is-no-such-program now")
