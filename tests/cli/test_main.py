"""The command line itself: quick, quiet, and never a traceback."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from edgekit.boards.loader import cores
from edgekit.cli import main as _main  # noqa: F401  the entry point that pyproject names
from edgekit.cli.main import edgekit, run
from edgekit.errors import DoesNotFitError, ToolError

HEAVY = {"tensorflow", "keras", "numpy", "rich", "jinja2", "msgspec", "ai_edge_litert", "serial"}


def cli(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "edgekit", *arguments],
        capture_output=True, text=True, timeout=60, **options,  # type: ignore[call-overload]
    )  # fmt: skip


def imported_by(*arguments: str) -> set[str]:
    """The top-level modules that one command line loads."""
    code = (
        "import sys, json\n"
        "from edgekit.cli.main import run\n"
        f"run({list(arguments)!r})\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_help_loads_nothing_heavy() -> None:
    assert imported_by("--help") & HEAVY == set()


def test_help_of_every_command_loads_nothing_heavy() -> None:
    for name in edgekit.list_commands(click.Context(edgekit)):
        assert imported_by(name, "--help") & HEAVY == set(), name


def test_help_answers_in_150_ms() -> None:
    seconds = []  # of processor time: a busy machine makes everything wait
    for _ in range(5):
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert cli("--help").returncode == 0
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime)
    assert min(seconds) < 0.15, seconds


def test_every_command_has_help_an_example_and_json() -> None:
    context = click.Context(edgekit)
    for name in edgekit.list_commands(context):
        command = edgekit.get_command(context, name)
        assert command is not None
        leaves = command.commands.values() if isinstance(command, click.Group) else [command]
        for leaf in leaves:
            assert leaf.help, name
            assert leaf.epilog is not None, name
            assert leaf.epilog.startswith("Example: edgekit "), name
            assert any(parameter.name == "as_json" for parameter in leaf.params), name


def test_unknown_command_offers_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctr"]) == 2
    assert "Did you mean 'doctor'?" in capsys.readouterr().err


def test_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--frobnicate"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert "`edgekit doctor --help` shows the usage." in err


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `edgekit doctor` raise."""

    def diagnose() -> None:
        raise error

    monkeypatch.setattr("edgekit.flows.doctor.diagnose", diagnose)
    monkeypatch.delenv("EDGEKIT_DEBUG", raising=False)


@pytest.mark.parametrize(
    ("error", "status", "lines"),
    [
        (
            DoesNotFitError("needs 9 B", hint="Shrink it."),
            1,
            ["error: needs 9 B", "hint: Shrink it."],
        ),
        (ToolError("zig failed"), 3, ["error: zig failed"]),
        (KeyboardInterrupt(), 130, ["error: interrupted; no half-written file is left"]),
        (
            ValueError("one\ntwo"),
            3,
            [
                "error: unexpected ValueError: one",
                "hint: this is a bug; run with EDGEKIT_DEBUG=1 for the traceback",
            ],
        ),
    ],
)
def test_every_error_becomes_words_and_a_status(
    error: BaseException,
    status: int,
    lines: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    raising(error, monkeypatch)
    assert run(["doctor"]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert [line for line in err.splitlines() if line] == lines


def test_with_json_an_error_is_an_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["boards", "pcio", "--json"]) == 2
    out, err = capsys.readouterr()
    found = json.loads(out)["error"]
    assert found["kind"] == "BoardError"
    assert found["exit_code"] == 2
    assert found["hint"] in err


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(ValueError("inside"), monkeypatch)
    monkeypatch.setenv("EDGEKIT_DEBUG", "1")
    with pytest.raises(ValueError, match="inside"):
        run(["doctor"])


def test_a_reader_that_leaves_is_no_error() -> None:
    """stdout is a pipe whose other end is closed before we write."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "edgekit", "doctor", "--json"],
        stdout=writing, stderr=subprocess.PIPE, timeout=60,
    )  # fmt: skip
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode != 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_that_falls_into_a_destructor_is_not_lost(number: int, status: int) -> None:
    code = (
        "import os, time\n"
        "from edgekit.flows import doctor\n"
        "class Dying:\n"
        "    def __del__(self):\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "        time.sleep(1)\n"
        "def diagnose():\n"
        "    Dying()\n"
        "    time.sleep(30)\n"
        "doctor.diagnose = diagnose\n"
        "from edgekit.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "doctor"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == status
    assert "ignored" not in done.stderr


def test_a_group_alone_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["zoo"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("Usage: edgekit zoo")
    assert "hint" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_full_disk_behind_stdout_is_told_in_words(option: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "edgekit", "boards", *option],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 3
    assert "No space left" in done.stderr
    assert "bug" not in done.stderr


def test_words_that_a_terminal_cannot_show_do_not_end_a_command() -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    assert "Raspberry Pi Pico" in cli("boards", env=plain).stdout
    closed = ["sh", "-c", 'exec "$0" -m edgekit boards <&- >&- 2>&-', sys.executable]
    assert subprocess.run(closed, timeout=60).returncode == 0


def test_sigterm_closes_what_is_open(tmp_path: Path) -> None:
    mark = tmp_path / "closed"
    code = (
        "import sys, time, pathlib\n"
        "from edgekit.flows import doctor\n"
        "def diagnose():\n"
        "    try:\n"
        "        print('open', flush=True)\n"
        "        time.sleep(30)\n"
        "    finally:\n"
        f"        pathlib.Path({str(mark)!r}).touch()\n"
        "doctor.diagnose = diagnose\n"
        "sys.argv = ['edgekit', 'doctor']\n"
        "from edgekit.cli import main\n"
        "main()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 143
    assert mark.exists()


def test_version() -> None:
    assert cli("--version").stdout.startswith("edgekit, version 0.")


def test_a_narrow_terminal_cuts_no_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    assert run(["zoo", "list", "mobilenet_v1"]) == 0
    said = capsys.readouterr().out
    assert "  4.23 M " in said
    assert "  4 157 " in said
    assert " 70.6 % " in said


def test_help_names_the_cores_that_zig_compiles_for_by_default() -> None:
    firsts = {core.name: core.compilers[0] for core in cores().values() if core.gcc}
    said = " ".join(cli("build", "--help").stdout.split())
    named = said.partition("zig on Cortex-")[2].partition(" and else")[0].split(" and ")
    assert {f"Arm Cortex-{name}" for name in named} == {
        name for name, first in firsts.items() if first == "zig"
    }
